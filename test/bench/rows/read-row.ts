/** Row 2: reads of queued jobs by 64 clients, against a handler with one pipelined HMGET. */
import type { LoadPlan } from '../load/load-plan.ts'
import { measureLoad } from '../measure/measure-load.ts'
import { takeTurns } from '../measure/take-turns.ts'
import { profileBoth } from '../profile/profile-both.ts'
import type { BenchStack } from '../stacks/bench-stack.ts'
import { startBareStack } from '../stacks/start-bare-stack.ts'
import { startMillraceStack } from '../stacks/start-millrace-stack.ts'
import { cpuNotes } from './cpu-note.ts'
import { perSecond, type Row, type RowContext, verdictOf } from './row.ts'

const TARGET = { first: 0.7, last: 0.9 }
const JOBS = 500

export const readRow: Row = {
  number: 2,
  async run(context) {
    // As many slots as not to matter: the jobs are finished before they are read.
    const [millrace, bare] = [await startMillraceStack({ slots: 1 }), await startBareStack({ slots: 1 })]
    try {
      const variants = [
        { name: 'Millrace', round: await reader(context, millrace) },
        { name: 'bare', round: await reader(context, bare) },
      ]
      const measured = await takeTurns(variants, context.rounds)
      const ratio = measured.ratio('Millrace', 'bare', 'perSecond')
      return [
        {
          row: '2',
          what: 'Read a finished job of 1 KB, 64 clients',
          millrace: perSecond(measured.median('Millrace', 'perSecond')),
          bare: perSecond(measured.median('bare', 'perSecond')),
          ratio,
          target: `≥ ${TARGET.first}, then ≥ ${TARGET.last}`,
          met: verdictOf(ratio, (value) => value >= TARGET.first),
          notes: cpuNotes(measured, 'read'),
        },
      ]
    } finally {
      await Promise.all([millrace.stop(), bare.stop()])
    }
  },
  profile: (context) =>
    profileBoth(context, 'read', {
      millrace: () => startMillraceStack({ slots: 1 }),
      bare: () => startBareStack({ slots: 1 }),
      plan: (stack) => planOf(context, stack),
    }),
}

/** Makes jobs that have ended, and gives the round that reads them in turn. */
async function reader(context: RowContext, stack: BenchStack) {
  const plan = await planOf(context, stack)
  return () => measureLoad(context.generator, stack, plan)
}

async function planOf({ generator, roundMs }: RowContext, stack: BenchStack): Promise<LoadPlan> {
  const common = { kind: 'flood', url: stack.url, connections: 64, idempotencyKeys: false, expectStatus: 200 } as const
  const made = await generator.run({ ...common, durationMs: 60_000, most: JOBS, requests: [stack.submitAndWait] })
  return { ...common, durationMs: roundMs, requests: made.ids.map((id) => stack.read(id)) }
}
