/** A key that is revoked under load: two seconds later no process of the API lets it in, and what it had opened has ended. */
import { createClient, type CreatedApiKey } from '@millrace/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readEvents } from '../../support/event-reader.ts'
import { type Stack, startStack, TEST_MODELS } from '../../support/start-stack.ts'
import { until } from '../../support/until.ts'

const ADMIN = 'the-key-of-the-administrator'
const BOUND_MS = 2000
/** Programs start, beside other tests. */
const SLOW = { timeoutMs: 45_000 }

let stack: Stack
beforeAll(async () => {
  stack = await startStack({
    env: { MILLRACE_MODELS: `${TEST_MODELS}/hang`, MILLRACE_API_PROCESSES: '2', MILLRACE_API_KEY: ADMIN },
  })
  const admin = createClient({ url: stack.client.url, apiKey: ADMIN })
  await until('a worker has the model', async () => (await admin.models()).some(({ ready }) => ready), SLOW)
}, 100_000)
afterAll(() => stack.stop())

it('lets nobody in after two seconds, and ends its streams and waits', { timeout: 60_000 }, async () => {
  const { url } = stack.client
  const admin = createClient({ url, apiKey: ADMIN })
  const key: CreatedApiKey = await admin.keys.create({ name: 'a test', tenant: 'acme', scopes: ['client'] })
  const headers = { authorization: `Bearer ${key.key}` }
  const job = await createClient({ url, apiKey: key.key }).submit('hang', { mode: 'polite' })
  const streams = await Promise.all([1, 2, 3, 4].map(() => readEvents(`${url}/v1/jobs/${job.id}/events`, { headers })))
  const wait = fetch(`${url}/v1/jobs/${job.id}?wait=5`, { headers })

  let lastSuccess = 0
  let refused = 0
  let isOver = false
  const load = Array.from({ length: 8 }, async () => {
    while (!isOver) {
      const sentAt = performance.now()
      const answer = await fetch(`${url}/v1/models`, { headers: { ...headers, connection: 'close' } })
      await answer.arrayBuffer()
      if (answer.status === 200) lastSuccess = Math.max(lastSuccess, sentAt)
      else refused += 1
    }
  })
  await until('both processes know the key', () => lastSuccess > 0)
  await admin.keys.revoke(key.id)
  const revokedAt = performance.now()
  await Promise.all(streams.map(({ closed }) => closed))
  const endedMs = performance.now() - revokedAt
  await until('all are refused for a while', () => refused > 200)
  isOver = true
  await Promise.all(load)
  expect(refused).toBeGreaterThan(0)
  expect(lastSuccess - revokedAt).toBeLessThan(BOUND_MS)
  expect(endedMs).toBeLessThan(BOUND_MS + 500)
  expect((await wait).status).toBe(401)
  const again = await fetch(`${url}/v1/jobs/${job.id}`, { headers: { authorization: `Bearer ${ADMIN}` } })
  expect(again.status).toBe(404)
})
