/**
 * Row 4: eight at work, every result delivered to the client that waits for it: jobs per second, and the CPU that a job takes,
 * in Redis and in all processes together. The bare stack calls the model's function in its worker.
 */
import type { LoadPlan } from '../load/load-plan.ts'
import { measureLoad } from '../measure/measure-load.ts'
import { type Measured, takeTurns } from '../measure/take-turns.ts'
import { profileBoth } from '../profile/profile-both.ts'
import type { BenchStack } from '../stacks/bench-stack.ts'
import { startBareStack } from '../stacks/start-bare-stack.ts'
import { startMillraceStack } from '../stacks/start-millrace-stack.ts'
import { cpuNotes } from './cpu-note.ts'
import { microseconds, perSecond, type Row, type RowContext, type RowResult, verdictOf } from './row.ts'

const SLOTS = 8
const LOAD = `${SLOTS} slots (${SLOTS} runner processes), 64 clients that wait for results`
const LEAST_SPEED = { first: 0.5, last: 0.8 }
const MOST_REDIS = { first: 1.2, last: 1 }
const MOST_CPU = 2.2

export const throughputRow: Row = {
  number: 4,
  async run(context) {
    const [millrace, bare] = [await startMillraceStack({ slots: SLOTS }), await startBareStack({ slots: SLOTS })]
    try {
      const measured = await takeTurns(
        [
          { name: 'Millrace', round: () => waitingClients(context, millrace) },
          { name: 'bare', round: () => waitingClients(context, bare) },
        ],
        context.rounds,
      )
      return resultsOf(measured)
    } finally {
      await Promise.all([millrace.stop(), bare.stop()])
    }
  },
  profile: (context) =>
    profileBoth(context, 'job', {
      millrace: () => startMillraceStack({ slots: SLOTS }),
      bare: () => startBareStack({ slots: SLOTS }),
      plan: (stack) => planOf(context, stack),
    }),
}

const waitingClients = (context: RowContext, stack: BenchStack) =>
  measureLoad(context.generator, stack, planOf(context, stack))

const planOf = ({ roundMs }: RowContext, stack: BenchStack): LoadPlan => ({
  kind: 'flood',
  url: stack.url,
  connections: 64,
  durationMs: roundMs,
  requests: [stack.submitAndWait],
  idempotencyKeys: false,
  expectStatus: 200,
})

const resultsOf = (measured: Measured): RowResult[] => [
  {
    ...compare(measured, 'perSecond', perSecond, (ratio) => ratio >= LEAST_SPEED.first),
    row: '4a',
    what: `Jobs done, ${LOAD}`,
    target: `≥ ${LEAST_SPEED.first} on two cores, then ≥ ${LEAST_SPEED.last}`,
    notes: cpuNotes(measured, 'job'),
  },
  {
    ...compare(measured, 'redisUs', microseconds, (ratio) => ratio <= MOST_REDIS.first),
    row: '4b',
    what: 'CPU of Redis per job of these',
    target: `≤ ${MOST_REDIS.first}, then ≤ ${MOST_REDIS.last.toFixed(1)}`,
    notes: [],
  },
  {
    ...compare(measured, 'allUs', microseconds, (ratio) => ratio <= MOST_CPU),
    row: '4c',
    what: 'CPU of all processes per job of these; the bare worker calls a function',
    target: `≤ ${MOST_CPU}`,
    notes: [
      'Redis, API, worker, runners and whatever they start; by the accounting of the system, and of Redis itself.',
    ],
  },
]

function compare(
  measured: Measured,
  figure: string,
  show: (value: number) => string,
  isMet: (ratio: number) => boolean,
): Pick<RowResult, 'millrace' | 'bare' | 'ratio' | 'met'> {
  const ratio = measured.ratio('Millrace', 'bare', figure)
  return {
    millrace: show(measured.median('Millrace', figure)),
    bare: show(measured.median('bare', figure)),
    ratio,
    met: verdictOf(ratio, isMet),
  }
}
