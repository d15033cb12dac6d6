/** Row 1: submits of 1 KB by 64 clients, nobody working, against a handler that only calls `queue.add`. */
import { measureLoad } from '../measure/measure-load.ts'
import { takeTurns } from '../measure/take-turns.ts'
import type { BenchStack } from '../stacks/bench-stack.ts'
import { startBareStack } from '../stacks/start-bare-stack.ts'
import { startMillraceStack } from '../stacks/start-millrace-stack.ts'
import { cpuNotes } from './cpu-note.ts'
import { perSecond, type Row, type RowContext, verdictOf } from './row.ts'

const TARGET = 1

async function flood({ generator, roundMs }: RowContext, stack: BenchStack, idempotencyKeys: boolean) {
  await stack.clear()
  return measureLoad(generator, stack, {
    kind: 'flood',
    url: stack.url,
    connections: 64,
    durationMs: roundMs,
    requests: [stack.submit],
    idempotencyKeys,
    expectStatus: stack.submitStatus,
  })
}

export const submitRow: Row = {
  number: 1,
  async run(context) {
    const [millrace, bare] = [await startMillraceStack(), await startBareStack()]
    try {
      const measured = await takeTurns(
        [
          { name: 'Millrace', round: () => flood(context, millrace, true) },
          { name: 'bare', round: () => flood(context, bare, false) },
          { name: 'Millrace without keys', round: () => flood(context, millrace, false) },
        ],
        context.rounds,
      )
      const ratio = measured.ratio('Millrace', 'bare', 'perSecond')
      const keyless = measured.ratio('Millrace without keys', 'bare', 'perSecond')
      return [
        {
          row: '1',
          what: 'Submit 1 KB, 64 clients, each with an idempotency key',
          millrace: perSecond(measured.median('Millrace', 'perSecond')),
          bare: perSecond(measured.median('bare', 'perSecond')),
          ratio,
          target: `≥ ${TARGET.toFixed(1)}`,
          met: verdictOf(ratio, (value) => value >= TARGET),
          notes: [
            ...cpuNotes(measured, 'submit'),
            `Without idempotency keys the ratio is ${keyless.median.toFixed(2)}.`,
          ],
        },
      ]
    } finally {
      await Promise.all([millrace.stop(), bare.stop()])
    }
  },
}
