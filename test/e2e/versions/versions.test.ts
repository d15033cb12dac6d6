import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { type Stack, startStack } from '../../support/start-stack.ts'
import { until } from '../../support/until.ts'

/** Two versions of a model at once, each in a worker of its own, with inputs that the other would refuse. */

const MODELS = fileURLToPath(new URL('models/', import.meta.url))
let stack: Stack
afterEach(() => stack.stop())

interface Versions {
  data: { version: string; current: boolean; workers: number; queued: number; contracts: string[] }[]
  contracts: { contract: string; queued: number; workers: number; versions: string[]; note: string | null }[]
}

const versions = async (): Promise<Versions> => {
  const response = await fetch(`${await stack.api.url()}/v1/models/versioned/versions`)
  return response.ok ? ((await response.json()) as Versions) : { data: [], contracts: [] }
}

const start = (folder: 'first' | 'second') => stack.startWorker({ MILLRACE_MODELS: `${MODELS}${folder}` })

/** Resolves when the versions that have workers are these, the newest first. */
const served = (...wanted: string[]) =>
  until(`${wanted.join(', ')} are served`, async () => {
    const { data } = await versions()
    return (
      data
        .filter(({ workers }) => workers > 0)
        .map(({ version }) => version)
        .join() === wanted.join()
    )
  })

it('runs pinned jobs on their version, and others on what would have taken them, or says that nobody serves them', async () => {
  stack = await startStack({ workers: 0 })
  const first = start('first')
  await served('1.0.0')
  start('second')
  await served('2.0.0', '1.0.0')

  const pinned = Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? '1.0.0' : '2.0.0'))
  const jobs = await Promise.all(
    pinned.map((version) => stack.client.run('versioned', version === '1.0.0' ? { a: 'x' } : { b: 'x' }, { version })),
  )
  expect(jobs.map(({ output }) => output)).toEqual(pinned)
  expect(jobs.map(({ version }) => version)).toEqual(pinned)
  // Without a version the current one says what an input is.
  expect((await stack.client.run('versioned', { b: 'x' })).output).toBe('2.0.0')

  await first.kill('SIGTERM')
  await first.gone
  await served('2.0.0')
  const left = await stack.client.accepted('versioned', { a: 'x' }, { version: '1.0.0' })
  expect(await stack.client.job(left.id)).toMatchObject({
    status: 'queued',
    queue: { position: 1, workers: 0, note: 'No worker serves version 1.0.0 now.' },
  })
  expect((await versions()).data).toMatchObject([
    { version: '2.0.0', current: true, workers: 1, queued: 0 },
    { version: '1.0.0', current: false, workers: 0, queued: 1 },
  ])
  start('first')
  expect((await stack.client.finished(left.id)).output).toBe('1.0.0')
}, 90_000)

it('keeps jobs for their contract when a version with other schemas takes over', async () => {
  stack = await startStack({ workers: 0 })
  const first = start('first')
  await served('1.0.0')
  await first.kill('SIGTERM')
  await first.gone
  const left = await stack.client.accepted('versioned', { a: 'x' })
  start('second')
  await served('2.0.0')
  // The API looks at manifests once a second.
  await until('it takes what the new version takes', async () => {
    const { status } = await stack.client.submit('versioned', { input: { b: 'x' } })
    return status === 202
  })
  expect((await stack.client.run('versioned', { b: 'x' })).output).toBe('2.0.0')
  const waiting = (await versions()).contracts.find(({ queued }) => queued > 0)
  expect(waiting).toMatchObject({ workers: 0, versions: ['1.0.0'], note: expect.stringMatching(/^No worker serves/) })
  expect((await stack.client.job(left.id)).queue?.note).toMatch(/^No worker serves a version with the schemas/)
  start('first')
  expect((await stack.client.finished(left.id)).output).toBe('1.0.0')
}, 90_000)
