/** Row 3: one job at a time on an idle system, from the submit to the result, against a function inside the worker. */
import type { LoadPlan } from '../load/load-plan.ts'
import { measureLoad } from '../measure/measure-load.ts'
import { takeTurns } from '../measure/take-turns.ts'
import { profileBoth } from '../profile/profile-both.ts'
import type { BenchStack } from '../stacks/bench-stack.ts'
import { startBareStack } from '../stacks/start-bare-stack.ts'
import { startMillraceStack } from '../stacks/start-millrace-stack.ts'
import { cpuNotes } from './cpu-note.ts'
import { milliseconds, type Row, type RowContext, verdictOf } from './row.ts'

const TARGET = 1.5

/** Jobs one after the other; the answer to each submit is its result. */
export const singleJobs = (context: RowContext, stack: BenchStack) =>
  measureLoad(context.generator, stack, planOf(context, stack))

const planOf = ({ singleJobs: count }: RowContext, stack: BenchStack): LoadPlan => ({
  kind: 'sequence',
  url: stack.url,
  count,
  submit: stack.submitAndWait,
  expectText: '"status":"succeeded"',
})

export const latencyRow: Row = {
  number: 3,
  async run(context) {
    const [millrace, bare] = [await startMillraceStack({ slots: 1 }), await startBareStack({ slots: 1 })]
    try {
      const measured = await takeTurns(
        [
          { name: 'Millrace', round: () => singleJobs(context, millrace) },
          { name: 'bare', round: () => singleJobs(context, bare) },
        ],
        context.rounds,
      )
      const ratio = measured.ratio('Millrace', 'bare', 'p50Ms')
      const p99 = ['Millrace', 'bare'].map((name) => `${name} ${milliseconds(measured.median(name, 'p99Ms'))}`)
      return [
        {
          row: '3',
          what: 'Submit to result, idle, p50; Millrace runs the model in its own process',
          millrace: milliseconds(measured.median('Millrace', 'p50Ms')),
          bare: milliseconds(measured.median('bare', 'p50Ms')),
          ratio,
          target: `≤ ${TARGET}`,
          met: verdictOf(ratio, (value) => value <= TARGET),
          notes: [...cpuNotes(measured, 'job'), `p99: ${p99.join(', ')}.`],
        },
      ]
    } finally {
      await Promise.all([millrace.stop(), bare.stop()])
    }
  },
  profile: (context) =>
    profileBoth(context, 'job', {
      millrace: () => startMillraceStack({ slots: 1 }),
      bare: () => startBareStack({ slots: 1 }),
      plan: (stack) => planOf(context, stack),
    }),
}
