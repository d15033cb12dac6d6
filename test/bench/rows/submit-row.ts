/** Row 1: submits of 1 KB by 64 clients, nobody working, against a handler that only calls `queue.add`. */
import type { LoadPlan } from '../load/load-plan.ts'
import { measureLoad } from '../measure/measure-load.ts'
import { takeTurns } from '../measure/take-turns.ts'
import { profileBoth } from '../profile/profile-both.ts'
import type { BenchStack } from '../stacks/bench-stack.ts'
import { startBareStack } from '../stacks/start-bare-stack.ts'
import { startMillraceStack } from '../stacks/start-millrace-stack.ts'
import { cpuNotes } from './cpu-note.ts'
import { perSecond, type Row, type RowContext, verdictOf } from './row.ts'

const TARGET = { first: 0.9, last: 1 }

async function flood(context: RowContext, stack: BenchStack, idempotencyKeys: boolean) {
  await stack.clear()
  return measureLoad(context.generator, stack, planOf(context, stack, idempotencyKeys))
}

const planOf = ({ roundMs }: RowContext, stack: BenchStack, idempotencyKeys: boolean): LoadPlan => ({
  kind: 'flood',
  url: stack.url,
  connections: 64,
  durationMs: roundMs,
  requests: [stack.submit],
  idempotencyKeys,
  expectStatus: stack.submitStatus,
})

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
          target: `≥ ${TARGET.first}, then ≥ ${TARGET.last.toFixed(1)}`,
          met: verdictOf(ratio, (value) => value >= TARGET.first),
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
  profile: (context) =>
    profileBoth(context, 'submit', {
      millrace: () => startMillraceStack(),
      bare: () => startBareStack(),
      plan: (stack) => planOf(context, stack, false),
    }),
}
