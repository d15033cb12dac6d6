import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testPython } from '../../python/test-python.ts'
import { type AuthorFolder, makeAuthorFolder, modelSource } from '../../support/author-folder.ts'
import { until } from '../../support/until.ts'

/** What an author does without a server: new, check, run, schema. The real binary, real runners, no Redis. */

const BIN = fileURLToPath(new URL('../../../apps/cli/bin/millrace.mjs', import.meta.url))
const ECHO = fileURLToPath(new URL('../../../models/echo', import.meta.url))
const CONVENTIONS = ['typescript', 'cog', 'ai_integration', 'deepaas', 'aiges', 'predict']

let author: AuthorFolder
let out: string
let temporary: string

beforeAll(() => {
  author = makeAuthorFolder()
  out = mkdtempSync(join(tmpdir(), 'millrace-author-out-'))
  temporary = mkdtempSync(join(tmpdir(), 'millrace-author-tmp-'))
  author.save('rows/model.py', 'class Model:\n    def predict(self, data):\n        return {"sum": sum(data)}\n')
  author.save('liar/model.ts', modelSource({ name: 'liar', body: '{ text: 7 }' }))
  author.save('broken/model.py', 'def predict(data):\n    return 1\nraise RuntimeError("no weights at all")\n')
  author.save('typo/model.ts', modelSource({ name: 'typo' }))
  author.save('typo/millrace.yaml', 'env: {}\nslot: 2\n')
  author.save('strict/model.ts', modelSource({ name: 'strict', input: 'text: z.string().regex(/^[A-Z]{3}$/)' }))
})
afterAll(() => {
  author.delete()
  for (const folder of [out, temporary]) rmSync(folder, { recursive: true, force: true })
})

function start(args: string[], more: Record<string, string> = {}) {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: out,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: temporary, MILLRACE_MODELS: author.models, ...more },
  })
  let [text, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
  child.stderr.setEncoding('utf8').on('data', (part: string) => (err += part))
  const code = once(child, 'close').then(([ended]) => ended as number | null)
  return { child, out: () => text, err: () => err, code }
}

async function millrace(args: string[], input?: string | Buffer, more?: Record<string, string>) {
  const started = start(args, more)
  started.child.stdin.end(input)
  const code = await started.code
  return { code, out: started.out(), err: started.err() }
}

const runsLeft = () => readdirSync(temporary).filter((name) => name.startsWith('millrace-run-'))

describe('millrace, for authors', { timeout: 120_000 }, () => {
  it.for(CONVENTIONS)('new makes a %s model that check finds well at once', async (convention, { skip }) => {
    // Its packages, which an author would install as `new` says.
    const env = convention === 'deepaas' ? { MILLRACE_PYTHON: testPython } : undefined
    const name = `new-${convention.replace('_', '-')}`
    const made = await millrace(['new', name, '--convention', convention])
    expect(made).toMatchObject({ code: 0, err: '' })
    expect(made.out).toContain(`\n  millrace check ${name}\n`)
    expect(made.out.includes('pip install -r')).toBe(convention === 'deepaas')
    skip(env !== undefined && !existsSync(testPython), 'no test/python/.venv: run `node scripts/setup.mjs --models`')
    const checked = await millrace(['check', name], '', env)
    expect(checked.out + checked.err).toContain('All is well.')
    expect(checked.out).toMatch(/5 runs went well: first [\d.]+ m?s, average/)
    expect(checked.code).toBe(0)
  })

  it('new never writes over a folder, and wants a name that can be served', async () => {
    expect(await millrace(['new', 'rows'])).toMatchObject({ code: 1, err: expect.stringContaining('is there already') })
    expect(await millrace(['new', 'My Model'])).toMatchObject({ code: 2, err: expect.stringContaining('is no name') })
  })

  it('check shows the schema, and says of an answer that does not fit what is wrong with it', async () => {
    const { code, out: said } = await millrace(['check', 'liar'])
    expect(code).toBe(1)
    expect(said).toMatch(/^ {2}text +text +required/m)
    expect(said).toContain('Every run failed. Its answer cannot be used')
  })

  it('check says for which field no input can be made, and takes it from the command line', async () => {
    const without = await millrace(['check', 'strict'])
    expect(without).toMatchObject({ code: 1, err: expect.stringContaining('text: its text must match') })
    expect(await millrace(['check', 'strict', '--input', 'text=ABC'])).toMatchObject({ code: 0 })
  })

  it('check says that the device is not there that it should run on', async () => {
    const absent = await millrace(['check', 'rows', 'data:=[1,2]', '--slots', 'cuda:99'])
    expect(absent.code).toBe(1)
    expect(absent.out).toMatch(/^MILLRACE_SLOTS names cuda:99, but .*MILLRACE_SLOTS/m)
    expect(absent.out).toContain('1 wrong.')
  })

  it('check says of an open schema that a text was given, and how to give something else', async () => {
    const guessed = await millrace(['check', 'rows'])
    expect(guessed.code).toBe(1)
    expect(guessed.out).toContain("--input 'data:=…'")
    expect(guessed.out).toMatch(/model\.py", line 3, in predict/)
    expect(await millrace(['check', 'rows', 'data:=[1,2]'])).toMatchObject({ code: 0 })
  })

  it.each([
    [
      'broken',
      ['broken does not load', 'no weights at all', 'model.py", line 3', /It ran on Python 3\.\d+\S*: \S*python/],
    ],
    ['typo', ['typo does not load', 'millrace.yaml, line 2: slot: there is no such key; did you mean slots?']],
    ['nothing', ['nothing is no folder, no file and no model', 'rows']],
  ])('says why %s cannot be run', async (model, parts) => {
    const { code, err } = await millrace(['run', model])
    expect(code).toBe(1)
    for (const part of parts) expect(err).toMatch(part)
  })

  it('run takes a folder, a file or a name, prints the output alone, and leaves nothing behind', async () => {
    const file = join(author.models, 'rows/model.py')
    for (const place of ['rows', join(author.models, 'rows'), file]) {
      const { code, out: output } = await millrace(['run', place, '--input', 'data:=[1,2,3]'])
      expect([code, JSON.parse(output)]).toEqual([0, { prediction: { sum: 6 } }])
    }
    expect(runsLeft()).toEqual([])
  })

  it('run --loop prints seconds, average and rate of each run, and keeps the last output', async () => {
    const { code, err } = await millrace(['run', ECHO, 'message=hi', '--loop', '3', '--output', join(out, 'hi.json')])
    expect(code).toBe(0)
    expect(err.match(/^run \d: [\d.]+ s, average [\d.]+ s, [\d.]+ per second$/gm)).toHaveLength(3)
    expect(JSON.parse(readFileSync(join(out, 'hi.json'), 'utf8'))).toEqual({ message: 'hi', file: null })
  })

  it('run saves files: to the path that is named, or into a folder without writing over any', async () => {
    const named = join(out, 'named.bin')
    const one = await millrace(['run', ECHO, 'message=m', 'size_bytes=70000', '--output', named])
    expect(one.code).toBe(0)
    const { file } = JSON.parse(one.out) as { file: { path: string; sha256: string } }
    expect(file.path).toBe(named)
    expect(createHash('sha256').update(readFileSync(named)).digest('hex')).toBe(file.sha256)
    const folder = join(out, 'folder/')
    for (const name of ['echo.bin', 'echo-1.bin']) {
      expect((await millrace(['run', ECHO, 'message=m', 'size_bytes=5', '--output', folder])).code).toBe(0)
      expect(existsSync(join(folder, name))).toBe(true)
    }
  })

  it('run --json reads an object and prints a result, also when the model fails', async () => {
    const good = await millrace(['run', 'rows', '--json'], '{"data":[4,5]}')
    expect(good).toMatchObject({ code: 0, err: '' })
    expect(JSON.parse(good.out)).toMatchObject({ ok: true, output: { prediction: { sum: 9 } }, error: null })
    const bad = await millrace(['run', 'rows', '--json'], '{"data":[4,"x"]}')
    expect(bad.code).toBe(1)
    expect(JSON.parse(bad.out)).toMatchObject({ ok: false, error: { code: 'model_error' } })
    expect(await millrace(['run', 'rows', '--json'], '[1]')).toMatchObject({ code: 2 })
  })

  it('run refuses what does not fit before it runs, a kind that the model lacks, and a pickle', async () => {
    const misfit = await millrace(['run', ECHO, 'size_bytes=1'])
    expect(misfit).toMatchObject({ code: 1, err: expect.stringContaining("required property 'message'") })
    const training = await millrace(['run', ECHO, 'message=a', '--kind', 'training'])
    expect(training).toMatchObject({ code: 1, err: expect.stringContaining('cannot be trained') })
    const pickled = await millrace(['run', 'rows', '--json'], Buffer.from([0x80, 4, 0x95]))
    expect(pickled).toMatchObject({ code: 2, err: expect.stringContaining('runs whatever code') })
    author.save(
      'picture/model.ts',
      modelSource({ name: 'picture', input: 'x: file()' }).replace('defineModel }', 'defineModel, file }'),
    )
    writeFileSync(join(out, 'data.pkl'), 'x')
    const named = await millrace(['run', 'picture', '--input', 'x=@data.pkl'])
    expect(named).toMatchObject({ code: 2, err: expect.stringContaining('data.pkl is a pickle') })
  })

  it('ends a model at the second Ctrl-C, or when it still loads at the first, with 130', async () => {
    author.save('stuck/model.py', 'import time\nprint("still", flush=True)\ntime.sleep(3600)\ndef predict(data): ...\n')
    author.save(
      'deaf/model.ts',
      modelSource({ name: 'deaf', body: '{ text: await new Promise(() => ctx.log("info", "in")) }' }),
    )
    const stuck = start(['run', 'stuck', 'data:=1'])
    await until('it loads', () => stuck.err().includes('still'), { timeoutMs: 30_000 })
    stuck.child.kill('SIGINT')
    expect(await stuck.code).toBe(130)
    const deaf = start(['run', 'deaf', 'text=a'])
    await until('it runs', () => deaf.err().includes('in\n'), { timeoutMs: 30_000 })
    await until('it has left', () => (deaf.child.kill('SIGINT'), deaf.child.exitCode !== null), { everyMs: 200 })
    expect(await deaf.code).toBe(130)
    expect(runsLeft()).toEqual([])
  })

  it('schema prints what a model takes and gives, and nothing else', async () => {
    const { code, out: text, err } = await millrace(['schema', ECHO])
    expect([code, err]).toEqual([0, ''])
    expect(JSON.parse(text)).toMatchObject({
      name: 'echo',
      input: { required: ['message'] },
      output: { type: 'object' },
    })
    expect(await millrace(['schema', ECHO, '--aiges'])).toMatchObject({ code: 1 })
  })
})
