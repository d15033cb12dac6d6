import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { jobRequestSchema } from '@millrace/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildWheel } from '../../../scripts/python/build-wheel.ts'
import { hasTestPython, needsTestPython, testPython } from '../../python/test-python.ts'
import { type MillraceProcess, startMillrace } from '../../support/processes/millrace-process.ts'
import { LOOPBACK_CERTIFICATE, LOOPBACK_KEY } from '../../support/servers/loopback-certificate.ts'
import { freePort } from '../../support/servers/redis-server.ts'
import { SHIPPED_MODELS, type Stack, startStack, TEST_MODELS } from '../../support/start-stack.ts'

/** The Python client, installed from its wheel into an environment that has nothing else. */

const HOME = fileURLToPath(new URL('../../../clients/python/', import.meta.url))
const TESTS = join(HOME, 'tests')
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/millrace-mypy', import.meta.url))

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'millrace-python-client-'))
const python = join(folder, 'venv', 'bin', 'python')
const certificate = join(folder, 'certificate.pem')
let wheel = ''

beforeAll(async () => {
  if (!hasTestPython) return
  writeFileSync(certificate, LOOPBACK_CERTIFICATE + LOOPBACK_KEY)
  wheel = buildWheel(testPython, folder)
  await run(testPython, ['-m', 'venv', '--without-pip', join(folder, 'venv')])
  const install = ['install', '--quiet', '--disable-pip-version-check', '--no-index', '--no-deps', wheel]
  await run(testPython, ['-m', 'pip', '--python', python, ...install])
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs it as a user's program would be: nothing of the sources is on its path. */
const environment = (more: Record<string, string> = {}) => ({
  ...{ PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: '1', MILLRACE_TEST_CERTIFICATE: certificate },
  ...more,
})

/** The tests of a module in Python. Rejects with all that they said when one fails. */
async function unittest(module: string, env: Record<string, string> = {}): Promise<number> {
  const args = ['-W', 'error::ResourceWarning', '-m', 'unittest', module]
  const { stderr } = await run(python, args, { cwd: TESTS, env: environment(env) }).catch(
    (error: { stderr: string }) => {
      throw new Error(error.stderr)
    },
  )
  // An error of a destructor fails no test.
  expect(stderr).not.toContain('Exception ignored')
  expect(stderr).toMatch(/\nOK\n$/)
  return Number(/^Ran (\d+) tests/m.exec(stderr)?.[1] ?? 0)
}

describe('the Python client', { timeout: 60_000 }, () => {
  needsTestPython()

  it.concurrent.each([
    ['test_requests', 30],
    ['test_jobs', 15],
    ['test_files', 20],
    ['test_connections', 10],
    ['test_webhooks', 8],
    ['test_wire', 6],
  ])('holds what %s says, for plain code and for asyncio', async (module, least) => {
    expect(await unittest(module)).toBeGreaterThanOrEqual(least)
  })

  it('is a wheel that needs nothing, has its types, and leaves its tests out', async () => {
    const script = `import zipfile, sys; z = zipfile.ZipFile(sys.argv[1]); print("\\n".join(z.namelist()))
print(z.read(next(n for n in z.namelist() if n.endswith("METADATA"))).decode())`
    const { stdout } = await run(testPython, ['-c', script, wheel])
    expect(stdout).toContain('millrace/py.typed\n')
    expect(stdout).toContain('Name: millrace\n')
    expect(stdout).toContain('Requires-Python: >=3.9\n')
    expect(stdout).not.toMatch(/Requires-Dist|test_|fault_server/)
    const where = await run(python, ['-c', 'import millrace; print(millrace.__file__)'], { env: environment() })
    expect(where.stdout).toContain(folder)
  })

  it('takes the options of the API, each by its name, in submit, run and dry_run', async () => {
    const script = `import inspect, json, millrace
print(json.dumps([list(inspect.signature(getattr(c, m)).parameters) for c in (millrace.Client, millrace.AsyncClient) for m in ("submit", "run", "dry_run")]))`
    const { stdout } = await run(python, ['-c', script], { env: environment() })
    const fields = Object.keys(jobRequestSchema.shape).filter((name) => name !== 'input')
    for (const names of JSON.parse(stdout) as string[][]) {
      const beside = ['self', 'model', 'input', 'wait_seconds', 'idempotency_key', 'retries']
      expect(names.filter((name) => !beside.includes(name)).sort()).toEqual([...fields].sort())
    }
  })

  it('is code of Python 3.9, and right by the strictest check of its types', async () => {
    const script = `import ast, pathlib, sys
for path in pathlib.Path(sys.argv[1]).rglob("*.py"): ast.parse(path.read_text(), str(path), feature_version=(3, 9))`
    await run(testPython, ['-c', script, HOME])
    const found = await run(testPython, ['-m', 'mypy', '--cache-dir', CACHE], { cwd: HOME }).catch(
      (error: { stdout: string }) => error,
    )
    expect(found.stdout).toMatch(/^Success/)
  })
})

describe('the Python client and a real server', { timeout: 90_000 }, () => {
  let stack: Stack
  let again: MillraceProcess | undefined
  needsTestPython()

  beforeAll(async () => {
    if (!hasTestPython) return
    const models = [`${SHIPPED_MODELS}/echo`, ...['files', 'flaky', 'stream'].map((name) => `${TEST_MODELS}/${name}`)]
    const allowed = { MILLRACE_WEBHOOK_ALLOW_HOSTS: '127.0.0.1', MILLRACE_PORT: String(await freePort()) }
    stack = await startStack({ env: { MILLRACE_MODELS: models.join(','), ...allowed } })
    for (const model of ['echo', 'files', 'flaky', 'stream']) await stack.client.ready(model)
  }, 60_000)
  afterAll(async () => {
    await again?.kill('SIGKILL')
    await stack?.stop()
  })

  it('understand each other in all that a user does', async () => {
    expect(await unittest('real_server', { MILLRACE_TEST_URL: stack.client.url })).toBeGreaterThanOrEqual(16)
  })

  it('find each other again after a kill -9 of the API, and nothing is missed or told twice', async () => {
    const child = spawn(python, ['follow_through_kill.py', stack.client.url], { cwd: TESTS, env: environment() })
    const said: string[] = []
    const faults: string[] = []
    child.stderr.on('data', (data: Buffer) => faults.push(String(data)))
    for await (const line of createInterface({ input: child.stdout })) {
      said.push(line)
      if (line !== 'progress') continue
      await stack.api.kill('SIGKILL')
      again = startMillrace('api', stack.env)
    }
    expect(faults.join('')).toBe('')
    const statuses = ['succeeded', 'succeeded', 'succeeded']
    expect(JSON.parse(said.at(-1) ?? '{}')).toEqual({ statuses, output: 'through', twice: 0 })
  })
})
