/** One claimed job on its way through the pipeline. Made by begin-attempt.ts, handed from step to step by run-attempt.ts. */
import type { JobRecord } from '@millrace/contracts'
import type { Hold } from '@millrace/queue'
import type { AttemptClock } from './attempt-clock.ts'
import type { AttemptDeps } from './attempt-deps.ts'
import type { AttemptFolder } from './attempt-folder.ts'
import type { CheckpointKeeper } from './checkpoints/checkpoint-keeper.ts'
import type { EventBuffer } from './events/event-buffer.ts'
import type { OutputPrefixes } from './outputs/output-prefixes.ts'
import type { Pulse } from './pulse.ts'
import type { StopSwitch } from './stop-switch.ts'

/** Nothing of it is set later: what a step finds out, it returns to the next. */
export interface Attempt {
  readonly deps: AttemptDeps
  readonly record: JobRecord
  readonly hold: Hold
  readonly stop: StopSwitch
  readonly pulse: Pulse
  readonly events: EventBuffer
  readonly folder: AttemptFolder
  readonly outputs: OutputPrefixes
  readonly checkpoints: CheckpointKeeper
  readonly clock: AttemptClock
  /** Its place in this process is free for the next job. Safe to call twice. */
  readonly makeRoom: () => void
  /** It must run alone, but its files are still to be fetched, which need not be: it comes back when they are here. */
  readonly fetchesOnly: boolean
  /** Stops listening to cancels and to the shutdown. */
  readonly unwatch: () => void
}
