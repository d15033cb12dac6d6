/** First step of an attempt: a job that was given becomes one, and its heart beats. Called by run-attempt.ts. */
import { isStored, type JobId, type JobRecord } from '@millrace/contracts'
import { AttemptClock } from './attempt-clock.ts'
import type { AttemptDeps } from './attempt-deps.ts'
import { AttemptFolder } from './attempt-folder.ts'
import type { Attempt } from './attempt.ts'
import { CheckpointKeeper } from './checkpoints/checkpoint-keeper.ts'
import { EventBuffer } from './events/event-buffer.ts'
import { OutputPrefixes } from './outputs/output-prefixes.ts'
import { startPulse } from './pulse.ts'
import { createStopSwitch, type StopSwitch } from './stop-switch.ts'

/** `makeRoom` is called when the job needs its place in this process no more; safe twice. */
export function beginAttempt(deps: AttemptDeps, record: JobRecord, makeRoom: () => void): Attempt {
  const hold = { id: record.id, fence: record.fence, attempt: record.attempt }
  const clock = new AttemptClock(performance.now())
  const stop = createStopSwitch()
  const fields = { jobId: hold.id, model: deps.manifest.name, attempt: hold.fence }
  if (record.cancel_requested) stop.stop('canceled')
  const live = deps.live?.follow(record)
  live?.started()
  return {
    deps,
    record,
    hold,
    stop,
    pulse: startPulse({
      async beat(progress) {
        const answer = await deps.store.beat(
          hold,
          progress,
          clock.waitedMs === undefined ? undefined : clock.waitedMs / 1000,
        )
        if (progress && answer !== 'lost') live?.progress(progress)
        return answer
      },
      onCancel: () => stop.stop('canceled'),
      onLost: () => stop.stop('lost'),
      onFault: (error) => deps.logFault('A heartbeat was refused; the run goes on', error, fields),
      beatMs: deps.pace.beatMs,
      progressMs: deps.pace.progressMs,
    }),
    events: new EventBuffer({
      async append(events, first) {
        await deps.store.append(hold, events, first)
        live?.said(events)
      },
      onFault: (error) => deps.logFault("A job's events could not be appended; trying again", error, fields),
    }),
    folder: new AttemptFolder(deps.work, hold),
    outputs: new OutputPrefixes(deps, record),
    checkpoints: new CheckpointKeeper({ deps, record, hold, stop }),
    clock,
    makeRoom,
    fetchesOnly: record.lost > 0 && !record.input_files.every(isStored),
    unwatch: watch(deps, record.id, stop),
  }
}

function watch({ shutdown, cancels }: AttemptDeps, id: JobId, stop: StopSwitch): () => void {
  const onDrain = () => stop.stop('drain')
  const onHalt = () => stop.stop('halt')
  const unwatchCancels = cancels.watch(id, () => stop.stop('canceled'))
  shutdown.drain.addEventListener('abort', onDrain)
  shutdown.halt.addEventListener('abort', onHalt)
  if (shutdown.drain.aborted) onDrain()
  if (shutdown.halt.aborted) onHalt()
  return () => {
    unwatchCancels()
    shutdown.drain.removeEventListener('abort', onDrain)
    shutdown.halt.removeEventListener('abort', onHalt)
  }
}
