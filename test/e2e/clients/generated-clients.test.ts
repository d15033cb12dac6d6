import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import openapiTS, { astToString } from 'openapi-typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasTestPython } from '../../python/test-python.ts'
import { needsMade } from '../../python/originals/needs-originals.ts'
import { SHIPPED_MODELS, type Stack, startStack, TEST_MODELS } from '../../support/start-stack.ts'
import { pythonGenerator } from './python-generator.ts'

/** What strangers' generators make of the documents of the API, and whether it works. */

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const cache = join(ROOT, 'node_modules', '.cache')
const run = promisify(execFile)

/** One of each kind: plain values and a file, files in lists, a training, and one of Python where there is Python. */
const MODELS = ['echo', 'files', 'trainer', ...(hasTestPython ? ['babble'] : [])]
const DOCUMENTS = ['api', ...MODELS]
const documents = new Map<string, Record<string, unknown>>()
let stack: Stack
let folder: string

beforeAll(async () => {
  mkdirSync(cache, { recursive: true })
  // Below the root, so that programs in it find what is installed there.
  folder = mkdtempSync(join(cache, 'millrace-generated-'))
  const places = MODELS.map((name) => join(['echo', 'babble'].includes(name) ? SHIPPED_MODELS : TEST_MODELS, name))
  stack = await startStack({ env: { MILLRACE_MODELS: places.join(',') } })
  await Promise.all(MODELS.map((model) => stack.client.ready(model)))
  for (const name of DOCUMENTS) {
    const path = name === 'api' ? '/openapi.json' : `/v1/models/${name}/openapi.json`
    const document = (await (await stack.client.request(path)).json()) as Record<string, unknown>
    documents.set(name, document)
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(document))
  }
}, 90_000)
afterAll(async () => {
  await stack?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const ROUND_TRIP = { status: 'succeeded', message: 'golden', size: 5, bytes: [0, 1, 2, 3, 4] }
const REFUSED = { status: 422, code: 'invalid_input', path: '/input/message' }

const TYPESCRIPT = `
import createClient from 'openapi-fetch'
import type { paths } from './api.ts'
import type { components as OfBabble } from './babble.ts'
import type { paths as OfEcho } from './echo.ts'
import type { components as OfFiles } from './files.ts'

const baseUrl = process.argv[2]!
const api = createClient<paths>({ baseUrl })
const echo = createClient<OfEcho>({ baseUrl })

const made = await echo.POST('/v1/models/echo/jobs', { body: { input: { message: 'golden', size_bytes: 5 } } })
if (made.error) throw new Error(made.error.detail)
const read = await echo.GET('/v1/jobs/{id}', { params: { path: { id: made.data.id }, query: { wait: 30 } } })
const { status, output } = read.data!
const message: string = output!.message
const { id, size, sha256 }: { id: string; size: number; sha256: string } = output!.file!
const content = await api.GET('/v1/files/{id}/content', { params: { path: { id } }, parseAs: 'arrayBuffer' })
const bytes = [...new Uint8Array(content.data as unknown as ArrayBuffer)]
// @ts-expect-error: the message is a text.
const refused = await echo.POST('/v1/models/echo/jobs', { body: { input: { message: 5 } } })
const { code, status: number, errors } = refused.error!
const whole = await api.POST('/v1/models/{model}/jobs', { params: { path: { model: 'echo' } }, body: { input: { message: 'x' } } })
if (!whole.data || !('object' in whole.data) || whole.data.object !== 'job') throw new Error('nothing was submitted')
const canceled = await api.POST('/v1/jobs/{id}/cancel', { params: { path: { id: whole.data.id } } })

const words: OfBabble['schemas']['Input']['words'] = 5
// @ts-expect-error: a whole number, whatever is accepted for one.
const text: OfBabble['schemas']['Input']['words'] = '5'
const copies = (output: OfFiles['schemas']['Output']): string[] => [output.copy, ...(output.more ?? [])].map((file) => file.url)

console.log(JSON.stringify({
  trip: { status, message, size, bytes },
  refused: { status: number, code, path: errors![0]!.path },
  sha256, canceled: canceled.data!.object, unused: [words, text, copies.length],
}))
`

const PYTHON = `
import json, sys
from echo_client import Client
from echo_client.api.default import get_job, submit_job
from echo_client.models import Input, Job, Problem, Request
from api_client import Client as ApiClient
from api_client.api.files import download_file
from api_client.api.jobs import list_jobs
from babble_client.models import Input as BabbleInput

url = sys.argv[1]
client, api = Client(base_url=url), ApiClient(base_url=url)
made = submit_job.sync(client=client, body=Request(input_=Input(message="golden", size_bytes=5)))
assert isinstance(made, Job), made
job = get_job.sync(made.id, client=client, wait=30.0)
file = job.output.file
content = download_file.sync(file.id, client=api)
refused = submit_job.sync(client=client, body=Request(input_=Input(message=5)))
assert isinstance(refused, Problem), refused
print(json.dumps({
    "trip": {"status": job.status.value, "message": job.output.message, "size": file.size, "bytes": list(content.payload.read())},
    "refused": {"status": refused.status, "code": refused.code.value, "path": refused.errors[0].path},
    "sha256": file.sha256, "listed": made.id in [one.id for one in list_jobs.sync(client=api).data],
    "words": BabbleInput.__annotations__["words"],
}))
`

/** As its command does it, in one process for all documents. */
const GENERATE = `
import sys
from openapi_python_client.cli import app
for name in sys.argv[1:]:
    app(["generate", "--path", name + ".json", "--output-path", name + "_client", "--meta", "none", "--config", "plain.yml"], standalone_mode=False)
`

const sha256 = '08bb5e5d6eaac1049ede0893d30ed022b1a4d9b5b48db414871f51c9cb35283d'

describe('a TypeScript client that openapi-typescript makes', { timeout: 60_000 }, () => {
  it('comes of each document, and compiles', async () => {
    for (const [name, document] of documents) {
      const text = astToString(await openapiTS(document as never, { defaultNonNullable: false, silent: true }))
      writeFileSync(join(folder, `${name}.ts`), text)
    }
    if (!hasTestPython)
      writeFileSync(join(folder, 'babble.ts'), 'export type components = { schemas: { Input: { words: number } } }')
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    writeFileSync(join(folder, 'use.ts'), TYPESCRIPT)
    const strict = ['--strict', '--noUncheckedIndexedAccess', '--noEmit', '--allowImportingTsExtensions']
    const options = [
      ...strict,
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--types',
      'node',
      '--ignoreConfig',
      'use.ts',
    ]
    const found = await run(join(ROOT, 'node_modules', '.bin', 'tsc'), options, { cwd: folder }).catch(
      (error: { stdout: string }) => error,
    )
    expect(found.stdout).toBe('')
  })

  it('makes a round trip: submit, wait, the bytes of a file, a refusal', async () => {
    const { stdout } = await run(join(ROOT, 'node_modules', '.bin', 'tsx'), ['use.ts', stack.client.url], {
      cwd: folder,
    })
    expect(JSON.parse(stdout)).toMatchObject({ trip: ROUND_TRIP, refused: REFUSED, sha256, canceled: 'job' })
  })
})

describe('a Python client that openapi-python-client makes', { timeout: 60_000 }, () => {
  const python = needsMade(pythonGenerator)

  it('comes of each document whole, and makes the same round trip', async () => {
    // Nothing formats what it makes.
    writeFileSync(join(folder, 'plain.yml'), 'post_hooks: []\n')
    const { stdout: said, stderr } = await run(python(), ['-c', GENERATE, ...DOCUMENTS], { cwd: folder })
    // What it cannot read, it leaves out with a warning.
    expect(`${said}${stderr}`).not.toMatch(/warning|error|unable|omitted/i)
    writeFileSync(join(folder, 'use.py'), PYTHON)
    const { stdout } = await run(python(), ['use.py', stack.client.url], { cwd: folder })
    const told = { trip: ROUND_TRIP, refused: REFUSED, sha256, listed: true, words: 'int | Unset' }
    expect(JSON.parse(stdout)).toEqual(told)
  })
})
