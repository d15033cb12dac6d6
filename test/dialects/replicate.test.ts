/** The client of Replicate from npm, unmodified, against a whole Millrace. */
import Replicate from 'replicate'
import { afterAll, beforeAll, expect } from 'vitest'
import type { Stack } from '../support/start-stack.ts'
import { clientCalls } from './support/client-calls.ts'
import { KEY, startDialectStack } from './support/start-dialect-stack.ts'

let stack: Stack
let replicate: Replicate

beforeAll(async () => {
  stack = await startDialectStack()
  replicate = new Replicate({ auth: KEY, baseUrl: `${stack.client.url}/replicate/v1` })
}, 60_000)
afterAll(() => stack?.stop())

const call = clientCalls({ platform: 'Replicate', client: 'npm replicate', version: '1.4.0' })

call('run, by model', async () => {
  expect(await replicate.run('acme/shout', { input: { text: 'hi' } })).toBe('HI')
})
call('run, by version', async () => {
  expect(await replicate.run('acme/shout:shout.1.0.0', { input: { text: 'hi' } })).toBe('HI')
})
