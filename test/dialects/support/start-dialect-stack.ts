/** A whole Millrace with one small model, for the clients of a dialect. Called by the tests of dialects. */
import { fileURLToPath } from 'node:url'
import { type Stack, startStack } from '../../support/start-stack.ts'

const MODELS = fileURLToPath(new URL('../models', import.meta.url))
/** The key of the settings. */
export const KEY = 'the-key-of-a-client'

/** The models `ready` are so when it resolves; default: `shout`. */
export async function startDialectStack(env: Record<string, string> = {}, ready = ['shout']): Promise<Stack> {
  const stack = await startStack({
    env: {
      ...{
        MILLRACE_MODELS: MODELS,
        MILLRACE_API_KEY: KEY,
        MILLRACE_SLOTS: 'cpu',
        MILLRACE_WEBHOOK_ALLOW_HOSTS: '127.0.0.1',
      },
      ...env,
    },
  })
  const { client } = stack
  const asked = client.request.bind(client)
  client.request = (path, init) => {
    const headers = new Headers(init?.headers)
    headers.set('authorization', `Bearer ${KEY}`)
    return asked(path, { ...init, headers })
  }
  await Promise.all(ready.map((name) => client.ready(name)))
  return stack
}
