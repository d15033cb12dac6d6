import { execFile } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type AuthorFolder, makeAuthorFolder, modelSource } from '../../support/author-folder.ts'
import { startRedis, type TestRedis } from '../../support/servers/redis-server.ts'

/** `millrace doctor` names what is wrong, all of it at once, and how to mend it. */

vi.setConfig({ testTimeout: 90_000 })

const BIN = fileURLToPath(new URL('../../../apps/cli/bin/millrace.mjs', import.meta.url))

interface Finding {
  check: string
  status: 'ok' | 'warn' | 'fail'
  message: string
  mend?: string
}

let folder: AuthorFolder
let redis: TestRedis
let stranger: Server

beforeAll(async () => {
  folder = makeAuthorFolder()
  folder.save('good/good/model.ts', modelSource({ name: 'good' }))
  folder.save('bad/bad/model.ts', modelSource({ name: 'bad', setup: `throw new Error('no weights at all')` }))
  folder.save('stuck/stuck/model.ts', modelSource({ name: 'stuck', setup: 'await new Promise(() => {})' }))
  folder.save('python/fine/model.py', 'def predict(data):\n    return data\n')
  folder.save('python/lost/model.py', 'def predict(data):\n    return data\n')
  folder.save('python/lost/millrace.yaml', 'python: nowhere/bin/python\n')
  folder.save('python/typo/model.py', 'def predict(data):\n    return data\n')
  folder.save('python/typo/millrace.yaml', 'name: typo\ntimeuot: 3\n')
  stranger = createServer((_request, response) => response.end('{"status":"ok"}'))
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
  redis = await startRedis({ appendonly: false, extraArgs: ['--maxmemory', '1gb'] })
}, 60_000)
afterAll(async () => {
  stranger.close()
  await redis.stop()
  folder.delete()
})

function doctor(env: Record<string, string>, args: string[] = ['--json']): Promise<{ code: number; out: string }> {
  const all = {
    PATH: process.env.PATH,
    MILLRACE_DATA_DIR: folder.dataDir,
    MILLRACE_MODELS: join(folder.models, 'good'),
    MILLRACE_PORT: '0',
    ...env,
  }
  return new Promise((resolve) => {
    execFile(process.execPath, [BIN, 'doctor', ...args], { env: all }, (error, stdout) =>
      resolve({ code: error ? Number(error.code) : 0, out: stdout }),
    )
  })
}

async function failures(env: Record<string, string>, args: string[] = []): Promise<Finding[]> {
  const { code, out } = await doctor(env, ['--json', ...args])
  const { ok, findings } = JSON.parse(out) as { ok: boolean; findings: Finding[] }
  const failed = findings.filter(({ status }) => status === 'fail')
  expect({ code, ok }).toEqual(failed.length === 0 ? { code: 0, ok: true } : { code: 1, ok: false })
  for (const { mend } of failed) expect(mend).toMatch(/\w/)
  return failed
}

it('finds nothing wrong with a good set-up, and ends with 0', async () => {
  const { code, out } = await doctor({}, [])
  expect(out).toMatch(/^ok {4}model good +good 1\.0\.0 loads in \d+\.\d s\.$/m)
  expect(out).toContain('All is well.')
  expect(code).toBe(0)
})

it('names four things that are wrong at once, each with the way to mend it, and ends with 1', async () => {
  const env = {
    REDIS_URL: redis.url,
    // Below a file: nobody may write there, not even root.
    MILLRACE_DATA_DIR: join(folder.models, 'good/good/model.ts', 'data'),
    MILLRACE_SLOTS: 'cuda:7',
    MILLRACE_MODELS: join(folder.models, 'bad'),
  }
  const { code, out } = await doctor(env, [])
  expect(code).toBe(1)
  expect(out).toMatch(/^fail {2}redis +The append-only file is off.*\n +→ /m)
  expect(out).toMatch(/^fail {2}data folder +.* cannot be written to: .*\n +→ Set MILLRACE_DATA_DIR/m)
  expect(out).toMatch(/^fail {2}gpu +MILLRACE_SLOTS names cuda:7.*\n +→ /m)
  expect(out).toMatch(/^fail {2}model bad +bad does not load: no weights at all\.\n +→ Look at .*model\.ts:\d+/m)
  expect(out).toMatch(/^4 failed, \d to look at\.$/m)
  expect(out.match(/^fail/gm)).toHaveLength(4)
})

it('goes on with the other checks when settings do not work, and names each that does not', async () => {
  const port = String((stranger.address() as AddressInfo).port)
  const env = {
    MILLRACE_PROT: '1',
    MILLRACE_LOCK_SECONDS: 'soon',
    MILLRACE_PORT: port,
    REDIS_URL: 'redis://127.0.0.1:1',
  }
  expect((await failures(env)).map(({ message }) => message)).toEqual([
    'MILLRACE_PROT is not a setting; did you mean MILLRACE_PORT?',
    expect.stringContaining('MILLRACE_LOCK_SECONDS: expected a whole number'),
    'Redis at redis://127.0.0.1:1 does not answer (ECONNREFUSED).',
    `Port ${port} of 127.0.0.1 is taken by another program.`,
  ])
})

it('gives up a model that does not load in time, and says which', async () => {
  const models = { MILLRACE_MODELS: join(folder.models, 'stuck') }
  expect(await failures(models, ['--timeout', '3'])).toMatchObject([
    { check: 'model stuck', message: 'stuck does not load: it was not loaded after 3 s.' },
  ])
})

it('says which Python there is, which one runs each model, and why another cannot run', async () => {
  const { code, out } = await doctor({ MILLRACE_MODELS: join(folder.models, 'python') }, [])
  expect(code).toBe(1)
  expect(out).toMatch(/^ok {4}python +Python 3\.\d+\.\d+ \(.*, from PATH\) runs/m)
  expect(out).toMatch(/^ok {4}model fine +fine .* loads in \d+\.\d s on Python 3\.\d+\.\d+ \(.*\)\.$/m)
  expect(out).toMatch(
    /^fail {2}model lost +lost does not load: nowhere\/bin\/python is not there: name an interpreter/m,
  )
  expect(out).toMatch(/^fail {2}model typo +typo does not load: millrace\.yaml, line 2: timeuot: there is no such key/m)
})

it('refuses a MILLRACE_PYTHON that is none', async () => {
  expect(await failures({ MILLRACE_PYTHON: join(folder.models, 'good') })).toMatchObject([
    { check: 'python', message: expect.stringContaining('MILLRACE_PYTHON cannot be used') },
  ])
})
