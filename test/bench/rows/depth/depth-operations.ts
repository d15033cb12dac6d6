/**
 * What is done to a line at each depth, in this order, so that a round leaves as many waiting as it found: what is submitted
 * is taken again. A new operation of the queue gets a row here. Called by measureDepth.
 */
import type { JobRecord } from '@millrace/contracts'
import type { Hold } from '@millrace/queue'
import { takeJobs } from '../../../support/take-jobs.ts'
import { type JobLine, MODEL, OUTPUT } from './job-line.ts'

export interface DepthOperation {
  name: 'submit' | 'read' | 'position' | 'take' | 'settle'
  /** What one of it is called in the table. */
  what: string
  /** For each submit of a round; cheap ones are done more often, so that the clock sees them. Default: once. */
  times?: number
  /** Done before, and not measured: what it gives is handed to `act`. */
  prepare?(line: JobLine, count: number): Promise<unknown>
  /** Does it so many times. Measured as a whole. */
  act(line: JobLine, count: number, prepared: unknown): Promise<void>
}

/** Calls that are under way at once, as from one busy process. */
const AT_ONCE = 16

export const DEPTH_OPERATIONS: readonly DepthOperation[] = [
  {
    name: 'submit',
    what: 'submit',
    act: (line, count) => inGroups(Array.from({ length: count }), () => line.submit()),
  },
  {
    name: 'read',
    what: 'read of a waiting job',
    times: 5,
    prepare: async (line, count) => line.sample(count),
    act: (line, _count, sample) =>
      inGroups(sample as ReturnType<JobLine['sample']>, ({ id, tenant }) => line.queue.jobs.get(id, { tenant })),
  },
  {
    name: 'position',
    what: 'place of a job in the line',
    times: 5,
    prepare: async (line, count) => Promise.all(line.sample(count).map((job) => recordOf(line, job))),
    act: (line, _count, records) => inGroups(records as JobRecord[], (record) => line.queue.jobs.place(record)),
  },
  { name: 'take', what: 'take by a worker, 16 at once', act: take },
  {
    name: 'settle',
    what: 'end of a job',
    act: (line) => inGroups(line.held.splice(0), (hold) => succeed(line, hold)),
  },
]

async function recordOf({ queue }: JobLine, { id, tenant }: ReturnType<JobLine['sample']>[number]): Promise<JobRecord> {
  const found = await queue.jobs.get(id, { tenant })
  if (found.outcome !== 'found') throw new Error(`a job of the bench is ${found.outcome}`)
  return found.record
}

/** Takes as a worker with so many free places does: each call gives as many jobs as there are places. */
async function take({ queue, hold }: JobLine, count: number): Promise<void> {
  for (let taken = 0; taken < count; ) {
    const { records } = await takeJobs(queue, MODEL, { places: Math.min(AT_ONCE, count - taken), alone: false })
    if (records.length === 0) throw new Error(`${taken} of ${count} jobs of the bench were given`)
    for (const { id, fence } of records) hold({ id, fence })
    taken += records.length
  }
}

async function succeed({ queue }: JobLine, hold: Hold): Promise<void> {
  const { outcome } = await queue.attempts.succeed(hold, { output: OUTPUT, runSeconds: 0 })
  if (outcome !== 'done') throw new Error(`the end of a job of the bench is ${outcome}`)
}

async function inGroups<T>(items: readonly T[], act: (item: T) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < items.length; i += AT_ONCE) await Promise.all(items.slice(i, i + AT_ONCE).map(act))
}
