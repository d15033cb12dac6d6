/** Load on three workers while a worker, Redis, the S3 server and the API die: what was accepted must end. Called by main.ts. */
import { ApiError, ConnectionError } from '@millrace/client'
import { setTimeout as pause } from 'node:timers/promises'
import { check } from '../report.ts'
import type { ComposeStack } from '../stack/compose-stack.ts'

const EVERY_MS = 125
const RATE = 1000 / EVERY_MS
const WAIT_SECONDS = 180

interface Tally {
  accepted: Map<string, number>
  /** Answered with 503, by what the code says. */
  refused: number
  broken: number
}

/** Load goes on while `kills` run one after another, each after a few seconds of calm. */
export async function killUnderLoad(stack: ComposeStack): Promise<string> {
  const [worker = ''] = await stack.containers('worker')
  const kills: [string, () => Promise<unknown>][] = [
    ['worker', () => stack.crash(worker)],
    ['redis', async () => stack.crash(await stack.container('redis'))],
    ['s3', async () => stack.crash(await stack.container('s3'))],
    ['api', async () => stack.docker.run(['restart', await stack.container('api')])],
  ]
  const end = new AbortController()
  const load = submitAll(stack, end.signal)
  for (const [, kill] of kills) {
    await calm(stack)
    await kill()
  }
  for (const service of ['redis', 's3', 'api', 'worker'] as const) await stack.isHealthy(service)
  await calm(stack)
  end.abort()
  const { accepted, refused, broken } = await load
  const right = await countRight(stack, accepted)
  const told = `${accepted.size} jobs accepted at ${RATE}/s, ${right} succeeded with the right output; ${refused} submits refused, ${broken} connections broken`
  check(accepted.size >= 50, `too little load to tell: ${told}`)
  check(right === accepted.size, told)
  return `kill -9 of a worker, Redis and S3, restart of the API: ${told}`
}

/** Until ten more jobs have gone through: then all that was broken before is well again. */
async function calm({ client }: ComposeStack): Promise<void> {
  for (let n = 0; n < 10; n += 1)
    await client.run('echo', { message: 'calm' }, { waitSeconds: WAIT_SECONDS, retries: 30 })
}

/** Open loop: submits come at their time, whatever becomes of those before. None is repeated. */
async function submitAll(stack: ComposeStack, signal: AbortSignal): Promise<Tally> {
  const tally: Tally = { accepted: new Map(), refused: 0, broken: 0 }
  const sent: Promise<void>[] = []
  for (let n = 0; !signal.aborted; n += 1) {
    sent.push(submitOne(stack, n, tally))
    await pause(EVERY_MS)
  }
  await Promise.all(sent)
  return tally
}

async function submitOne({ client }: ComposeStack, n: number, tally: Tally): Promise<void> {
  try {
    const job = await client.submit('echo', { message: `job ${n}`, delay_seconds: (n % 5) / 10 }, { retries: 0 })
    tally.accepted.set(job.id, n)
  } catch (error) {
    if (error instanceof ApiError && error.status === 503) tally.refused += 1
    else if (error instanceof ConnectionError) tally.broken += 1
    else throw error
  }
}

async function countRight({ client }: ComposeStack, accepted: Map<string, number>): Promise<number> {
  let right = 0
  for (const [id, n] of accepted) {
    const job = await client.wait(id, { waitSeconds: WAIT_SECONDS })
    const { message } = (job.output ?? {}) as { message?: string }
    if (job.status === 'succeeded' && message === `job ${n}`) right += 1
  }
  return right
}
