/** What a model, a process of the same user, can read of the secrets of the process that runs it. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished, expect, it } from 'vitest'
import { startMillrace } from '../../support/processes/millrace-process.ts'
import { until } from '../../support/until.ts'

const SPY = fileURLToPath(new URL('../models/spy', import.meta.url))
const SECRETS = {
  MILLRACE_API_KEY: 'key-of-the-api-0123456789',
  AWS_SECRET_ACCESS_KEY: 'secret-of-the-store-0123',
  SOME_OTHER_TOKEN: 'token-of-the-shell-0123',
}

it.skipIf(!existsSync('/proc/self/environ'))(
  'no environment, command line or file shows a secret to a model',
  async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'millrace-secrets-'))
    const dev = startMillrace('dev', { ...SECRETS, MILLRACE_MODELS: SPY, MILLRACE_DATA_DIR: dataDir })
    onTestFinished(async () => {
      await dev.kill('SIGTERM')
      rmSync(dataDir, { recursive: true, force: true })
    })
    const url = await dev.url()
    const authorization = `Bearer ${SECRETS.MILLRACE_API_KEY}`
    const model = `${url}/v1/models/spy`
    const isReady = async () => {
      const shown = (await (await fetch(model, { headers: { authorization } })).json()) as { ready?: boolean }
      return shown.ready === true
    }
    await until('the model is served', isReady, { timeoutMs: 30_000 })
    const needles = Object.values(SECRETS).map((secret) => Buffer.from(secret).toString('base64'))
    const answer = await fetch(`${model}/jobs`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${SECRETS.MILLRACE_API_KEY}`,
        'content-type': 'application/json',
        prefer: 'wait=60',
      },
      body: JSON.stringify({ input: { needles, folder: dataDir } }),
    })
    expect(await answer.json()).toMatchObject({
      status: 'succeeded',
      output: { places: [], parent: expect.stringContaining('millrace.mjs') },
    })
  },
  60_000,
)
