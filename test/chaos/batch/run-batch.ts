/**
 * One batch of many rows through real processes, all of which are killed half way, Redis too: each row has one job, counts are exact,
 * the end is told once, and the memory of the API does not grow with the rows. Called by main.ts.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from '@millrace/client'
import type { Batch } from '@millrace/contracts'
import { type MillraceProcess, startMillrace } from '../../support/processes/millrace-process.ts'
import { startRedis } from '../../support/servers/redis-server.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../../support/servers/webhook-receiver.ts'
import { SHIPPED_MODELS } from '../../support/start-stack.ts'
import { until } from '../../support/until.ts'
import { type ApiMemory, watchMemory } from './watch-memory.ts'

export interface BatchRun {
  /** What was wrong; none: nothing. */
  offences: string[]
  batch: Batch
  /** From the 202 to the end, the restart of everything included. */
  seconds: number
  /** Of each process of the API, in the order of their starts. */
  memory: ApiMemory[]
}

const APIS = 2
const WORKERS = 2
/** Whatever the rows are, a process of the API may hold so many more megabytes at the end of its life than in its first third. */
const MOST_GROWTH = 64
const LONGEST_MS = 60 * 60_000

export async function runBatch(rows: number, say: (line: string) => void): Promise<BatchRun> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-batch-'))
  const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
  try {
    const redis = await startRedis()
    closing.push(() => redis.stop())
    const receiver = await startWebhookReceiver()
    closing.push(() => receiver.close())
    const env = {
      ...{ REDIS_URL: redis.url, MILLRACE_DATA_DIR: folder, MILLRACE_MODELS: `${SHIPPED_MODELS}/echo` },
      ...{ MILLRACE_LOCK_SECONDS: '3', MILLRACE_WEBHOOK_ALLOW_HOSTS: '127.0.0.1' },
    }
    const first = await startParts(env, closing)
    const id = await submit(first.client, rows, `${receiver.url}/ended`)
    const startedMs = performance.now()
    say(`${id}: ${rows} rows`)
    await halfWay(first.client, id, rows)
    say('killing everything')
    const early = first.memory.map((watch) => watch.stop())
    await Promise.all([...first.parts.map((part) => part.kill('SIGKILL')), redis.kill('SIGKILL')])
    await redis.restart()
    const second = await startParts(env, closing)
    const batch = await ended(second.client, id, say)
    const seconds = (performance.now() - startedMs) / 1000
    const memory = [...early, ...second.memory.map((watch) => watch.stop())]
    const offences = [...(await offencesOf(second.client, batch, rows)), ...(await untold(receiver)), ...grown(memory)]
    return { offences, batch, seconds, memory }
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

async function startParts(env: Record<string, string>, closing: (() => unknown)[]) {
  const start = (command: string): MillraceProcess => {
    const part = startMillrace(command, env)
    closing.push(() => part.kill('SIGKILL'))
    return part
  }
  const apis = Array.from({ length: APIS }, () => start('api'))
  const workers = Array.from({ length: WORKERS }, () => start('worker'))
  const client = createClient({ url: await apis[0]!.url() })
  await until('a worker has the model', () => client.model('echo').catch(() => undefined), { timeoutMs: 120_000 })
  const memory = apis.map(({ child }) => watchMemory(child.pid ?? 0))
  closing.push(() => memory.map((watch) => watch.stop()))
  return { client, parts: [...apis, ...workers], memory }
}

async function submit(client: Client, rows: number, webhook: string): Promise<string> {
  const lines = Array.from({ length: rows }, (_, n) => JSON.stringify({ custom_id: `row ${n}`, input: inputOf(n) }))
  const { id: file } = await client.files.upload(new Blob([lines.join('\n')]))
  return (await client.batches.create({ model: 'echo', file, webhook })).id
}

const inputOf = (n: number) => ({ message: `message of row ${n}` })

const halfWay = (client: Client, id: string, rows: number) =>
  until('half of the rows have ended', async () => (await client.batches.get(id)).counts.succeeded * 2 >= rows, {
    timeoutMs: LONGEST_MS,
    everyMs: 250,
  })

function ended(client: Client, id: string, say: (line: string) => void): Promise<Batch> {
  let shown = 0
  const onProgress = ({ status, counts }: Batch): void => {
    if (performance.now() - shown < 10_000) return
    shown = performance.now()
    say(`${status}: ${counts.submitted} submitted, ${counts.succeeded} succeeded`)
  }
  return client.batches.wait(id, { onProgress, signal: AbortSignal.timeout(LONGEST_MS) })
}

async function offencesOf(client: Client, batch: Batch, rows: number): Promise<string[]> {
  const offences: string[] = []
  const { counts, status } = batch
  const isExact = counts.total === rows && counts.submitted === rows && counts.succeeded === rows
  if (status !== 'completed' || !isExact) offences.push(`it is ${status} with ${JSON.stringify(counts)}`)
  const jobs = new Set<string | null>()
  let n = 0
  for await (const { custom_id, output, job_id } of client.batches.results(batch)) {
    const told = (output as { message?: string } | null)?.message
    if (custom_id !== `row ${n}` || told !== inputOf(n).message) offences.push(`line ${n} is ${custom_id}: ${told}`)
    jobs.add(job_id)
    n++
  }
  if (n !== rows) offences.push(`the results have ${n} lines`)
  const { total: all } = await client.count()
  if (jobs.size !== rows || all !== rows) offences.push(`${jobs.size} jobs are in the results, ${all} are there`)
  return offences.slice(0, 20)
}

/** A message may come again when its answer was lost, under the same id. */
async function untold({ got }: WebhookReceiver): Promise<string[]> {
  await until('it is told of', () => got.length > 0, { timeoutMs: 30_000 })
  const ids = new Set(got.map(({ id }) => id))
  return ids.size === 1 ? [] : [`its end was told as ${[...ids].join(' and ')}`]
}

const grown = (memory: readonly ApiMemory[]): string[] =>
  memory
    .filter(({ early, late }) => late - early > MOST_GROWTH)
    .map(({ early, late }) => `an API had ${early} MB in its first third, and ${late} MB in its last`)
