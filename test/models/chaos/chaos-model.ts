/**
 * The model of the chaos harness, in any version: answers f(input) after a while, says which version and which attempt
 * made it, and on request kills its own process or the worker above it. Each version has a contract of its own, for its
 * output names it. Called by the folders of the versions; one of them answers several jobs in one call.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { file, type ModelContext } from '@millrace/model'
import { z } from 'zod'
import { answerOf, fileOf, padOf } from '../../chaos/load/expected-answer.ts'
import type { ChaosVersion } from '../../chaos/load/plan-chaos.ts'
import { STEP } from '../../chaos/verdict/judge-work.ts'

export const chaosInput = z.object({
  n: z.int(),
  ms: z.number().min(0).describe('How long to take.'),
  steps: z.int().min(1).describe('Into how many that is divided; with more than one there is a checkpoint after each.'),
  bytes: z.int().min(0).describe('Size of the output file; 0 makes none.'),
  pad: z.int().min(0).describe('Characters that fill the output.'),
  poison: z.enum(['none', 'runner', 'worker']).describe('Which process to kill instead of answering.'),
})
type ChaosInput = z.output<typeof chaosInput>

/** What is the same for both versions. */
export const chaosParts = <Version extends ChaosVersion>(version: Version) => ({
  name: 'chaos',
  version,
  input: chaosInput,
  output: z.object({
    version: z.literal(version),
    n: z.int(),
    answer: z.string(),
    pad: z.string(),
    attempt: z.int(),
    nonce: z.string(),
    file: file('application/octet-stream').nullable(),
  }),
  setup: () => process.ppid,
})

/** The answer for one input. */
export async function answerChaos<Version extends ChaosVersion>(
  version: Version,
  { n, ms, steps, bytes, pad, poison }: ChaosInput,
  { workerPid, ctx }: { workerPid: number; ctx: ModelContext },
) {
  if (poison === 'runner') process.kill(process.pid, 'SIGKILL')
  if (poison === 'worker') return killWorker(workerPid)
  await work(ctx, ms / steps, steps)
  // The folder of an attempt carries its number: the one thing that differs between two attempts at a job.
  const attempt = Number(basename(ctx.workDir).split('-').at(-1))
  const nonce = randomBytes(8).toString('hex')
  const made =
    bytes === 0 ? null : await ctx.file('answer.bin', 'application/octet-stream', fileOf({ n, attempt, nonce }, bytes))
  return { version, n, answer: answerOf(n), pad: padOf(n, pad), attempt, nonce, file: made }
}

/** Never returns: the runner dies with its worker. An orphan's parent is a stranger and is left alone. */
async function killWorker(pid: number): Promise<never> {
  const isWorker = process.ppid === pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('millrace')
  if (isWorker) process.kill(pid, 'SIGKILL')
  return new Promise<never>(() => {})
}

/** Takes its time in steps, and goes on after the last that was kept. */
async function work(ctx: ModelContext, stepMs: number, steps: number): Promise<void> {
  const { step: last } = (ctx.resumed?.state ?? { step: 0 }) as { step: number }
  for (let step = last + 1; step <= steps; step++) {
    await wait(stepMs, undefined, { signal: ctx.signal })
    if (steps === 1) return
    ctx.log('debug', `${STEP}${step}`)
    await ctx.checkpoint({ step }, step % 2 === 0 ? { note: `step ${step}` } : {})
  }
}
