/** Row 4: jobs per second with eight at work, every result delivered to the client that waits for it. */
import { measureLoad } from '../measure/measure-load.ts'
import { takeTurns } from '../measure/take-turns.ts'
import type { BenchStack } from '../stacks/stack.ts'
import { startBareStack } from '../stacks/start-bare-stack.ts'
import { startMillraceStack } from '../stacks/start-millrace-stack.ts'
import { cpuNotes } from './cpu-note.ts'
import { perSecond, type Row, type RowContext, verdictOf } from './row.ts'

const FIRST_TARGET = 0.8
const TARGET = 1
const SLOTS = 8

const waitingClients = async ({ generator, roundMs }: RowContext, stack: BenchStack) =>
  measureLoad(generator, stack, {
    kind: 'flood',
    url: stack.url,
    connections: 64,
    durationMs: roundMs,
    requests: [stack.submitAndWait],
    idempotencyKeys: false,
    expectStatus: 200,
  })

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
      const ratio = measured.ratio('Millrace', 'bare', 'perSecond')
      return [
        {
          row: '4',
          what: `Jobs done, ${SLOTS} slots (${SLOTS} runner processes), 64 clients that wait for results`,
          millrace: perSecond(measured.median('Millrace', 'perSecond')),
          bare: perSecond(measured.median('bare', 'perSecond')),
          ratio,
          target: `≥ ${FIRST_TARGET}, then ≥ ${TARGET.toFixed(1)}`,
          met: verdictOf(ratio, (value) => value >= FIRST_TARGET),
          notes: cpuNotes(measured, 'job'),
        },
      ]
    } finally {
      await Promise.all([millrace.stop(), bare.stop()])
    }
  },
}
