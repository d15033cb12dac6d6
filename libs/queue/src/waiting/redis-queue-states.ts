/** What waits in the lines of models, in Redis. Made by openQueue. */
import type { Pauses } from '../ports/model-registry.ts'
import type { LineState, QueueLook, QueueStates } from '../ports/queue-states.ts'
import { toLineService } from '../models/line-service.ts'
import type { RunScript, ScriptReply } from '../scripts/define-scripts.ts'
import { LEAST_RUNS } from './place-of.ts'
import { RunTimes } from './run-times.ts'
import { StartTimes } from './start-times.ts'

/** Running jobs of which it is reckoned when they end. */
const RUNNING_SEEN = 256

type Known = Parameters<QueueStates['look']>[1]
type Row = ScriptReply<'shares/state'>['rows'][number]

export class RedisQueueStates implements QueueStates {
  readonly #run: RunScript

  constructor(run: RunScript) {
    this.#run = run
  }

  async look(model: string, known: Known): Promise<QueueLook> {
    const { nowMs, scheduled, places, total, rows } = await this.#run('shares/state', { model, tenant: known.tenant })
    const slots = serviceOf('', known.pauses, places).places
    return { nowMs, scheduled, slots, linesTotal: total, lines: rows.map((row) => toLine(row, known)) }
  }
}

/** `places`: what each worker has told of its own. */
function serviceOf(line: string, pauses: Pauses, places: readonly string[]) {
  const workers = places.map((_, n) => String(n))
  return toLineService(line, pauses, workers, Object.fromEntries(places.map((text, n) => [String(n), text])))
}

function toLine({ line, queued, suspects, places, oldestUs, byPriority, runs }: Row, known: Known): LineState {
  const { workers, places: slots, paused: isPaused } = serviceOf(line, known.pauses, places)
  const [high = 0, normal = 0, low = 0] = byPriority
  return {
    ...{ line, queued, suspects, workers, slots, isPaused },
    oldestMs: oldestUs === '' ? undefined : Math.floor(Number(oldestUs) / 1000),
    byPriority: byPriority.length === 0 ? undefined : { high, normal, low },
    drainMs: isPaused || slots === 0 ? undefined : drainOf(RunTimes.of(runs), slots, queued, known.running),
  }
}

function drainOf(runs: RunTimes, places: number, queued: number, all: number): number | undefined {
  if (runs.known < LEAST_RUNS) return undefined
  const running = Array.from({ length: Math.min(all, places, RUNNING_SEEN) }, () => undefined)
  return new StartTimes({ places, running, runs }).after([Math.max(0, queued - 1)]).p50
}
