import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { findPython, type FindPythonOptions, PythonError } from './find-python.ts'

const base = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-python-')))
afterAll(() => rmSync(base, { recursive: true, force: true }))

let folder: string
let count = 0
beforeEach(() => {
  folder = join(base, `model-${count++}`)
  mkdirSync(folder)
})

const find = (options: Partial<FindPythonOptions> = {}) => findPython({ folder, env: process.env, ...options })

/** Makes a program that answers like a Python of that version. */
function fake(path: string, answer: string): string {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `#!/bin/sh\n${answer}\n`)
  chmodSync(file, 0o755)
  return file
}
const saying = (version: string): string => `echo ${version}; echo "$0"`

describe('the Python of a model', () => {
  it('is the one on PATH when nobody says anything else', async () => {
    const { version, path, origin } = await find()
    expect(version).toMatch(/^3\.\d+\.\d+$/)
    expect(path).toMatch(/^\//)
    expect(origin).toBe('PATH')
  })

  it('is named by millrace.yaml first, then .venv, venv, and the setting', async () => {
    const configured = fake('bin/configured', saying('3.9.0'))
    expect(await find({ configured })).toMatchObject({ path: configured, origin: 'MILLRACE_PYTHON' })
    fake('venv/bin/python', saying('3.9.1'))
    expect(await find({ configured })).toMatchObject({ version: '3.9.1', origin: 'venv' })
    fake('.venv/bin/python', saying('3.9.2'))
    expect(await find({ configured })).toMatchObject({ version: '3.9.2', origin: '.venv' })
    fake('env/bin/python', saying('3.13.0'))
    for (const named of ['env', 'env/bin/python', join(folder, 'env')]) {
      expect(await find({ configured, named })).toMatchObject({ version: '3.13.0', origin: 'millrace.yaml' })
    }
  })

  it('may be a program on PATH, and is the real one behind a shim', async () => {
    const real = fake('real/python3.99', saying('3.99.0'))
    fake('shims/python3.99', `exec ${real} "$@"`)
    const env = { PATH: join(folder, 'shims') }
    expect(await find({ named: 'python3.99', env })).toMatchObject({ path: real, version: '3.99.0' })
  })

  it('does not import what lies in the folder while it is asked', async () => {
    for (const name of ['sys', 'site', 'json', 'platform']) {
      writeFileSync(join(folder, `${name}.py`), 'raise SystemExit(1)')
    }
    expect((await find()).version).toMatch(/^3/)
  })

  it.each([
    ['old', () => fake('old', saying('3.8.18')), 'is Python 3.8.18, which is too old; use Python 3.9 or newer'],
    ['two', () => fake('two', saying('2.7.18')), 'too old'],
    ['other', () => fake('other', 'echo hello'), 'is no Python'],
    ['fails', () => fake('fails', 'exit 3'), 'does not start (3)'],
    ['plain', () => writeFileSync(join(folder, 'plain'), ''), 'no program that can be executed'],
    ['empty', () => mkdirSync(join(folder, 'empty')), 'holds no bin/python'],
    ['missing', () => undefined, 'missing is not there'],
    ['missing/bin/python', () => undefined, 'make one with `python3 -m venv .venv`'],
  ])('is refused with the way to mend it: %s', async (named, make, message) => {
    make()
    const error: unknown = await find({ named }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(PythonError)
    expect((error as Error).message).toContain(message)
  })

  it('is refused when an environment has lost the Python that it was made from', async () => {
    mkdirSync(join(folder, '.venv/bin'), { recursive: true })
    writeFileSync(join(folder, '.venv/pyvenv.cfg'), '')
    symlinkSync(join(folder, 'gone'), join(folder, '.venv/bin/python'))
    await expect(find()).rejects.toThrow('the Python it was made from is gone')
  })

  it('is asked once for all folders, however many ask at once', async () => {
    const real = fake('real', `echo asked >> ${join(folder, 'asked')}\n${saying('3.11.0')}`)
    const folders = Array.from({ length: 160 }, (_, index) => join(folder, `m${index}`))
    for (const one of folders) mkdirSync(one)
    const found = await Promise.all(folders.map((one) => find({ folder: one, configured: real })))
    expect(new Set(found.map(({ version }) => version))).toEqual(new Set(['3.11.0']))
    expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe('asked\n')
  })

  it('is asked for each folder that a shim treats in its own way', async () => {
    const shim = fake('shim', 'if [ -f .python-version ]; then echo 3.12.0; else echo 3.11.0; fi; echo "$0"')
    const [plain, own] = [join(folder, 'plain'), join(folder, 'own')]
    for (const one of [plain, own]) mkdirSync(one)
    writeFileSync(join(own, '.python-version'), '3.12.0')
    expect((await find({ folder: plain, configured: shim })).version).toBe('3.11.0')
    expect((await find({ folder: own, configured: shim })).version).toBe('3.12.0')
  })

  it.each([
    ['exits', 'exit 1'],
    ['is killed', 'kill -9 $$'],
    ['says nothing', 'exit 0'],
  ])('is asked again when it %s once', async (_title, first) => {
    const mark = join(folder, 'mark')
    const slow = fake('slow', `if [ ! -f ${mark} ]; then touch ${mark}; ${first}; fi; ${saying('3.11.0')}`)
    expect((await find({ configured: slow })).version).toBe('3.11.0')
  })

  it('tells what happened when it never answers, and is asked anew the next time', async () => {
    const broken = fake('broken', 'echo "cannot load libpython" >&2; exit 127')
    await expect(find({ configured: broken })).rejects.toThrow(
      'broken (from MILLRACE_PYTHON) does not start (127): cannot load libpython, 3 times; mend it',
    )
    const killed = fake('killed', 'kill -9 $$')
    await expect(find({ configured: killed })).rejects.toThrow('was ended by SIGKILL')
    const mark = join(folder, 'mended')
    const mended = fake('later', `if [ -f ${mark} ]; then ${saying('3.11.0')}; fi`)
    await expect(find({ configured: mended })).rejects.toThrow('is no Python (it answered nothing)')
    writeFileSync(mark, '')
    expect((await find({ configured: mended })).version).toBe('3.11.0')
  })

  it('is asked again when it was replaced', async () => {
    fake('.venv/bin/python', saying('3.9.1'))
    expect((await find()).version).toBe('3.9.1')
    fake('.venv/bin/python', `# newer\n${saying('3.10.0')}`)
    expect((await find()).version).toBe('3.10.0')
  })
})
