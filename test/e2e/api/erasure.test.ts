/** A customer who leaves, as an operator sees it: whole processes, the command line, and a worker that is killed in the middle. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { type Client, createClient, fileFrom } from '@millrace/client'
import type { Erasure } from '@millrace/contracts'
import { FolderStore, type ObjectStore } from '@millrace/storage'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { allOfRedis, allOfStore, placesOf } from '../../support/kept/all-of-redis.ts'
import { type Stack, startStack, TEST_MODELS } from '../../support/start-stack.ts'
import { until } from '../../support/until.ts'

const ADMIN = 'the-key-of-the-administrator'
const BIN = fileURLToPath(new URL('../../../apps/cli/bin/millrace.mjs', import.meta.url))
const SLOW = { timeoutMs: 60_000 }
const JOBS = 100
const MARK = 'mark-of-a-stranger'

let stack: Stack
let admin: Client
let raw: Redis
let objects: ObjectStore
beforeAll(async () => {
  stack = await startStack({ env: { MILLRACE_MODELS: `${TEST_MODELS}/noop`, MILLRACE_API_KEY: ADMIN } })
  admin = createClient({ url: stack.client.url, apiKey: ADMIN })
  raw = new Redis(stack.redis.url)
  objects = (await FolderStore.open(`${stack.env['MILLRACE_DATA_DIR']}/files`)) as ObjectStore
  await until('a worker has the model', async () => (await admin.models()).some(({ ready }) => ready), SLOW)
}, 100_000)
afterAll(async () => {
  raw.disconnect()
  await stack.stop()
})

async function millrace(...args: string[]): Promise<{ code: number; said: string }> {
  const env = { PATH: process.env.PATH, MILLRACE_URL: stack.client.url, MILLRACE_API_KEY: ADMIN }
  const child = spawn(process.execPath, [BIN, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  return { said, code: code as number }
}

async function customer(tenant: string): Promise<Client> {
  const { key } = await admin.keys.create({ name: `${MARK} ${tenant}`, tenant, scopes: ['client', 'webhooks'] })
  return createClient({ url: stack.client.url, apiKey: key })
}

it('goes with all that it had, though the worker is killed half way', { timeout: 120_000 }, async () => {
  const [acme, other] = [await customer('acme'), await customer('neighbour-7')]
  await acme.files.upload(fileFrom(Buffer.from(`${MARK} content`), { name: `${MARK}.txt`, contentType: 'text/plain' }))
  await acme.webhooks.add({ url: `https://example.com/${MARK}`, description: MARK })
  const submit = (by: Client, n: number) =>
    by.submit('noop', { text: `${MARK} input` }, { metadata: { note: MARK }, idempotencyKey: `${MARK}-${n}` })
  const neighbour = await other.wait((await submit(other, 0)).id)
  const jobs = await Promise.all(Array.from({ length: JOBS }, (_, n) => submit(acme, n)))
  await Promise.all(jobs.map(({ id }) => acme.wait(id)))
  expect(placesOf(await allOfRedis(raw), [MARK]).length).toBeGreaterThan(JOBS)

  const done = millrace('erase', '--tenant', 'acme', '--yes', '--json')
  const [first] = stack.workers
  const erased = async () => (await raw.keys('{mr:*}:erasure:*')).length > 0 && (await raw.keys('*:job:*')).length
  await until(
    'some jobs are gone',
    async () => {
      const left = await erased()
      return left !== false && left < JOBS
    },
    { ...SLOW, everyMs: 1 },
  )
  await first?.kill('SIGKILL')
  expect(await raw.zcard('{mr:erasures}:open')).toBe(1)
  stack.startWorker()
  const { code, said } = await done
  const report = JSON.parse(said) as Erasure
  expect([code, report]).toMatchObject([
    0,
    { status: 'done', tenant: null, counts: { jobs: JOBS, files: 1, keys: 1, endpoints: 1 } },
  ])

  const isOurs = ([name, value]: [string, string]) =>
    !`${name}${value}`.includes('neighbour-7') && !name.includes(':audit:')
  const left = [...(await allOfRedis(raw)), ...(await allOfStore(objects))].filter(isOurs)
  expect(placesOf(new Map(left), [MARK, 'acme'])).toEqual([])
  expect(await other.get(neighbour.id)).toEqual(neighbour)
  await expect(acme.get(neighbour.id)).rejects.toMatchObject({ status: 401 })
  const entries = (await millrace('audit', '--tenant', 'acme')).said
  expect(entries).toMatch(/millrace +- +tenant\.erased +acme +era_\w+ +done/)
})
