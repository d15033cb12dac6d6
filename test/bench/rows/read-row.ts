/** Row 2: reads of queued jobs by 64 clients, against a handler with one pipelined HMGET. */
import { measureLoad } from '../measure/measure-load.ts'
import { takeTurns } from '../measure/take-turns.ts'
import type { BenchStack } from '../stacks/bench-stack.ts'
import { startBareStack } from '../stacks/start-bare-stack.ts'
import { startMillraceStack } from '../stacks/start-millrace-stack.ts'
import { cpuNotes } from './cpu-note.ts'
import { perSecond, type Row, type RowContext, verdictOf } from './row.ts'

const TARGET = 0.9
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
          target: `≥ ${TARGET}`,
          met: verdictOf(ratio, (value) => value >= TARGET),
          notes: cpuNotes(measured, 'read'),
        },
      ]
    } finally {
      await Promise.all([millrace.stop(), bare.stop()])
    }
  },
}

/** Makes jobs that have ended, and gives the round that reads them in turn. */
async function reader({ generator, roundMs }: RowContext, stack: BenchStack) {
  const common = { kind: 'flood', url: stack.url, connections: 64, idempotencyKeys: false } as const
  const made = await generator.run({
    ...common,
    durationMs: 60_000,
    most: JOBS,
    requests: [stack.submitAndWait],
    expectStatus: 200,
  })
  const requests = made.ids.map((id) => stack.read(id))
  return () => measureLoad(generator, stack, { ...common, durationMs: roundMs, requests, expectStatus: 200 })
}
