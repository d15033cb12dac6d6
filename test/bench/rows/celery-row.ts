/** Row 5: the stack that people glue together, FastAPI + Celery + Redis, by submits, jobs per second and idle latency. */
import { until } from '../../support/until.ts'
import { makeVirtualEnvironment, NoPythonError } from '../peers/make-virtual-environment.ts'
import type { LoadPlan } from '../load/load-plan.ts'
import { measureLoad } from '../measure/measure-load.ts'
import { type Figures, type Measured, takeTurns } from '../measure/take-turns.ts'
import { CELERY } from '../peers/queue-peers.ts'
import type { BenchStack } from '../stacks/bench-stack.ts'
import { startCeleryStack } from '../stacks/start-celery-stack.ts'
import { startMillraceStack } from '../stacks/start-millrace-stack.ts'
import { cpuNotes } from './cpu-note.ts'
import { singleJobs } from './latency-row.ts'
import { milliseconds, perSecond, type Row, type RowContext, type RowResult, verdictOf } from './row.ts'

/** How often a client of Celery asks for its result: there is nothing to wait on. */
const POLL_MS = 5
const SLOTS = 4
const [MILLRACE, THEIRS] = ['Millrace', 'Celery']

export const celeryRow: Row = {
  number: 5,
  async run(context) {
    const environment = await makeVirtualEnvironment(CELERY.packages).catch((error: unknown) => {
      if (error instanceof NoPythonError) return error
      throw error
    })
    if (environment instanceof NoPythonError) return [skipped(environment.message)]
    return [await submitsAlone(context, environment), ...(await jobsAtWork(context, environment))]
  },
}

/** 5a: nobody works, so that what is measured is the submit. */
async function submitsAlone(context: RowContext, environment: string): Promise<RowResult> {
  const stacks = [await startMillraceStack(), await startCeleryStack(environment, { works: false })] as const
  try {
    const measured = await takeTurns(
      [
        { name: MILLRACE, round: () => flood(context, stacks[0]) },
        { name: THEIRS, round: () => flood(context, stacks[1]) },
      ],
      context.rounds,
    )
    const row = compare(measured, 'perSecond', { row: '5a', what: 'submits alone, 64 clients', target: '≥ 8' })
    return { ...row, met: verdictOf(row.ratio, (value) => value >= 8), notes: cpuNotes(measured, 'submit') }
  } finally {
    await Promise.all(stacks.map((stack) => stack.stop()))
  }
}

/** 5b and 5c: four at work in both. */
async function jobsAtWork(context: RowContext, environment: string): Promise<RowResult[]> {
  const ours = await startMillraceStack({ slots: SLOTS })
  const theirs = await startCeleryStack(environment, { works: true })
  try {
    const measured = await takeTurns(
      [
        { name: MILLRACE, round: async () => ({ ...(await burst(context, ours)), ...(await single(context, ours)) }) },
        {
          name: THEIRS,
          round: async () => ({ ...(await burst(context, theirs)), ...(await single(context, theirs)) }),
        },
      ],
      context.rounds,
    )
    const jobs = compare(measured, 'jobsPerSecond', { row: '5b', what: 'jobs done of a burst', target: '≥ 5' })
    const idle = compare(measured, 'idleMs', { row: '5c', what: 'submit to result, idle, p50', target: '≤ 0.33' })
    idle.notes.push(`Clients of Celery ask every ${POLL_MS} ms; those of Millrace wait for the answer.`)
    return [
      { ...jobs, met: verdictOf(jobs.ratio, (value) => value >= 5) },
      { ...idle, met: verdictOf(idle.ratio, (value) => value <= 1 / 3) },
    ]
  } finally {
    await Promise.all([ours.stop(), theirs.stop()])
  }
}

function compare(measured: Measured, figure: string, { row, what, target }: Record<'row' | 'what' | 'target', string>) {
  const show = figure === 'idleMs' ? milliseconds : perSecond
  return {
    row,
    what: `FastAPI + Celery: ${what}`,
    millrace: show(measured.median(MILLRACE, figure)),
    bare: show(measured.median(THEIRS, figure)),
    ratio: measured.ratio(MILLRACE, THEIRS, figure),
    target,
    notes: [] as string[],
  }
}

async function flood({ generator, roundMs }: RowContext, stack: BenchStack): Promise<Figures> {
  await stack.clear()
  return measureLoad(generator, stack, submits(stack, roundMs))
}

const submits = (stack: BenchStack, durationMs: number): LoadPlan => ({
  kind: 'flood',
  url: stack.url,
  connections: 64,
  durationMs,
  requests: [stack.submit],
  idempotencyKeys: false,
  expectStatus: stack.submitStatus,
})

/** As many submits as go through in a round, and the time until all of these jobs have ended. */
async function burst({ generator, roundMs }: RowContext, stack: BenchStack): Promise<Figures> {
  const before = await stack.finished()
  const started = performance.now()
  const { requests } = await generator.run(submits(stack, roundMs))
  const all = async () => (await stack.finished()) >= before + requests
  await until('all jobs of the burst have ended', all, { timeoutMs: 300_000, everyMs: 10 })
  return { jobsPerSecond: (requests * 1000) / (performance.now() - started) }
}

async function single(context: RowContext, stack: BenchStack): Promise<Figures> {
  if (stack.submitAndWait !== stack.submit) return { idleMs: (await singleJobs(context, stack)).p50Ms as number }
  const { p50Ms } = await context.generator.run({
    kind: 'sequence',
    url: stack.url,
    count: context.singleJobs,
    submit: stack.submit,
    pollMs: POLL_MS,
    expectText: '"status":"succeeded"',
  })
  return { idleMs: p50Ms }
}

const skipped = (why: string): RowResult => ({
  row: '5',
  what: 'FastAPI + Celery',
  millrace: '–',
  bare: '–',
  target: '≥ 8, ≥ 5, ≤ 0.33',
  met: 'not measured',
  notes: [`Not measured: ${why}.`],
})
