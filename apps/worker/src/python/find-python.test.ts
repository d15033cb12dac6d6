import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
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

/** A program that answers as a Python of that version would. */
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

  it('is asked again when it was replaced', async () => {
    fake('.venv/bin/python', saying('3.9.1'))
    expect((await find()).version).toBe('3.9.1')
    fake('.venv/bin/python', `# newer\n${saying('3.10.0')}`)
    expect((await find()).version).toBe('3.10.0')
  })
})
