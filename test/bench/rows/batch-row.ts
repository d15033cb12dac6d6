/**
 * Row 9: a model that answers up to 16 jobs in one call, which takes 40 ms and 2 ms for each of them. Bare is the ideal server: full calls,
 * one right after the other, by the same timer; and for one job at a time the call alone.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { measureLoad } from '../measure/measure-load.ts'
import { median } from '../measure/median.ts'
import { type Figures, type Measured, takeTurns } from '../measure/take-turns.ts'
import { BATCH_SIZE, callMs } from '../models/batch/call-time.ts'
import type { BenchStack } from '../stacks/bench-stack.ts'
import { startMillraceStack } from '../stacks/start-millrace-stack.ts'
import { cpuNotes } from './cpu-note.ts'
import { singleJobs } from './latency-row.ts'
import { milliseconds, perSecond, type Row, type RowContext, type RowResult, verdictOf } from './row.ts'

const MODEL = { folder: fileURLToPath(new URL('../models/batch', import.meta.url)), name: 'batch' }
/** One call, the next one, and those whose clients are about to send again. */
const CLIENTS = 4 * BATCH_SIZE
const LEAST_SPEED = 0.97
const MOST_WAIT = 1.15
/** A single job takes so long that fewer tell as much. */
const SINGLE_SHARE = 0.2

export const batchRow: Row = {
  number: 9,
  async run(context) {
    const stack = await startMillraceStack({ slots: 1, model: MODEL })
    try {
      return [await full(context, stack), await alone(context, stack)]
    } finally {
      await stack.stop()
    }
  },
}

async function full(context: RowContext, stack: BenchStack): Promise<RowResult> {
  const { generator, roundMs, rounds } = context
  const flood = () =>
    measureLoad(generator, stack, {
      ...{ kind: 'flood', url: stack.url, connections: CLIENTS, durationMs: roundMs, requests: [stack.submitAndWait] },
      ...{ idempotencyKeys: false, expectStatus: 200 },
    })
  const measured = await takeTurns(
    [
      { name: 'Millrace', round: flood },
      { name: 'ideal', round: () => fullCalls(roundMs) },
    ],
    rounds,
  )
  const ratio = measured.ratio('Millrace', 'ideal', 'perSecond')
  return {
    row: '9a',
    what: `Jobs done, up to ${BATCH_SIZE} in one call of 40 ms and 2 ms for each, ${CLIENTS} clients; bare is one full call after the other`,
    ...shown(measured, 'perSecond', perSecond),
    ratio,
    target: `≥ ${LEAST_SPEED}`,
    met: verdictOf(ratio, (value) => value >= LEAST_SPEED),
    notes: cpuNotes({ ...measured, rounds: { Millrace: measured.rounds.Millrace ?? [] } }, 'job'),
  }
}

async function alone(context: RowContext, stack: BenchStack): Promise<RowResult> {
  const singleJobsOfRound = Math.ceil(context.singleJobs * SINGLE_SHARE)
  const measured = await takeTurns(
    [
      { name: 'Millrace', round: () => singleJobs({ ...context, singleJobs: singleJobsOfRound }, stack) },
      { name: 'ideal', round: () => singleCalls(singleJobsOfRound) },
    ],
    context.rounds,
  )
  const ratio = measured.ratio('Millrace', 'ideal', 'p50Ms')
  return {
    row: '9b',
    what: 'Submit to result of such a job, one at a time, p50; bare is the call alone',
    ...shown(measured, 'p50Ms', milliseconds),
    ratio,
    target: `≤ ${MOST_WAIT}`,
    met: verdictOf(ratio, (value) => value <= MOST_WAIT),
    notes: [],
  }
}

/** Full calls for so long, with nothing between them. */
async function fullCalls(forMs: number): Promise<Figures> {
  const begun = performance.now()
  let calls = 0
  while (performance.now() - begun < forMs) {
    await pause(callMs(BATCH_SIZE))
    calls += 1
  }
  return { perSecond: (calls * BATCH_SIZE * 1000) / (performance.now() - begun) }
}

async function singleCalls(count: number): Promise<Figures> {
  const times: number[] = []
  for (let n = 0; n < count; n += 1) {
    const begun = performance.now()
    await pause(callMs(1))
    times.push(performance.now() - begun)
  }
  return { p50Ms: median(times) }
}

const shown = (measured: Measured, figure: string, show: (value: number) => string) => ({
  millrace: show(measured.median('Millrace', figure)),
  bare: show(measured.median('ideal', figure)),
})
