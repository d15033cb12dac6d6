/** Finds the Python that runs a model, and checks that it can. Called by configure-model.ts and `millrace doctor`. */
import { execFile, type ExecFileException } from 'node:child_process'
import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { findProgram } from '@millrace/process'
import { createLimiter } from '@millrace/async'
import { type Environment, runnerEnvironment } from '../settings/runner-environment.ts'

export interface Interpreter {
  /** Absolute path of the program itself, not of a shim. */
  path: string
  /** A version such as `3.11.7`. */
  version: string
  /** Where the choice came from, for messages: `millrace.yaml`, `.venv`, `MILLRACE_PYTHON`, `PATH`. */
  origin: string
}

export interface FindPythonOptions {
  /** The model's folder. Null: find the Python for models that have none of their own. */
  folder: string | null
  /**
   * `python` in its millrace.yaml: an interpreter or a virtual environment, relative to the folder, or the name of a
   * program.
   */
  named?: string
  /** MILLRACE_PYTHON. */
  configured?: string
  env: Environment
}

/** No Python can run the model. The message says which one was tried and what to do. */
export class PythonError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'PythonError'
  }
}

/** Older versions lack features that the runner's code needs. */
const OLDEST = [3, 9] as const
/** The time for one question. A machine that is busy at its start gets more such times. */
const PATIENCE_MS = 15_000
const TRIES = 3
// Works in every Python, and imports nothing: a file in the model's folder could have the name of any module.
const QUESTION = 'import sys; print("%d.%d.%d" % tuple(sys.version_info[:3])); print(sys.executable)'
/** In these files, of a folder and all above it, a shim (of pyenv, asdf, mise, rye) finds which Python it stands for. */
const VERSION_FILES = ['.python-version', '.tool-versions', 'mise.toml', '.mise.toml', 'pyproject.toml']

type Answer = Pick<Interpreter, 'path' | 'version'>

/** The answers by program. A program is asked again only if it did not answer, or if its file has changed. */
const known = new Map<string, { stamp: string; answer: Promise<Answer> }>()
/** Limits how many programs are asked at once: many together would only slow each other down. */
const askLimited = createLimiter(Math.max(2, availableParallelism()))

/** Rejects with PythonError. */
export async function findPython(options: FindPythonOptions): Promise<Interpreter> {
  const { program, origin } = locate(options)
  const { path, version } = await ask(program, origin, options)
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    const mend = `use Python ${OLDEST.join('.')} or newer: make a virtual environment (\`python3.12 -m venv .venv\`), or set \`python\` in millrace.yaml or MILLRACE_PYTHON`
    throw new PythonError(`${path} (from ${origin}) is Python ${version}, which is too old; ${mend}`)
  }
  return { path, version, origin }
}

function locate({ folder, named, configured, env }: FindPythonOptions): { program: string; origin: string } {
  if (named !== undefined) return { program: namedProgram(named, folder, env.PATH), origin: 'millrace.yaml' }
  for (const place of folder === null ? [] : ['.venv', 'venv']) {
    const home = join(folder ?? '', place)
    if (existsSync(join(home, 'pyvenv.cfg')) || existsSync(join(home, 'bin/python'))) {
      return { program: insideEnvironment(home, place), origin: place }
    }
  }
  if (configured !== undefined) {
    return { program: namedProgram(configured, null, env.PATH), origin: 'MILLRACE_PYTHON' }
  }
  const program = findProgram(['python3', 'python'], env.PATH)
  if (program !== undefined) return { program, origin: 'PATH' }
  throw new PythonError(
    'no python3 was found on PATH; install Python 3.9 or newer, or set `python` in millrace.yaml or MILLRACE_PYTHON to an interpreter',
  )
}

/** A path relative to the folder (without a folder: to this process), or a program such as `python3.12`. */
function namedProgram(named: string, folder: string | null, searchPath: string | undefined): string {
  const path = isAbsolute(named) ? named : resolve(folder ?? '.', named)
  if (existsSync(path)) return statSync(path).isDirectory() ? insideEnvironment(path, named) : path
  const program = /[/\\]/.test(named) ? undefined : findProgram([named], searchPath)
  if (program !== undefined) return program
  throw new PythonError(
    `${named} is not there: name an interpreter or a virtual environment (make one with \`python3 -m venv .venv\`), relative to ${folder ?? 'the current folder'}`,
  )
}

function insideEnvironment(home: string, shown: string): string {
  const program = ['bin/python', 'bin/python3', 'Scripts/python.exe'].map((part) => join(home, part)).find(existsSync)
  if (program !== undefined) return program
  throw new PythonError(
    `${shown} holds no bin/python: it is no virtual environment, or the Python it was made from is gone; make it again with \`python3 -m venv ${shown}\``,
  )
}

async function ask(program: string, origin: string, options: FindPythonOptions): Promise<Answer> {
  const stats = statSync(program)
  mustBeExecutable(program, origin, stats.isFile())
  const folder = isScript(program) ? options.folder : null
  const key = `${program}\n${folder === null ? '' : versionFileOf(folder)}`
  const stamp = `${stats.ino} ${stats.size} ${stats.mtimeMs}`
  const before = known.get(key)
  if (before?.stamp === stamp && existsSync((await before.answer).path)) return before.answer
  const answer = askLimited(() => insistOnAnswer(program, origin, folder, options.env))
  known.set(key, { stamp, answer })
  answer.catch(() => known.delete(key))
  return answer
}

/** True when the program is a text, such as a shim. What such a program runs may depend on the folder in which it starts. */
function isScript(program: string): boolean {
  const start = Buffer.alloc(2)
  try {
    const file = openSync(program, 'r')
    try {
      readSync(file, start, 0, 2, 0)
    } finally {
      closeSync(file)
    }
  } catch {
    // The file may be executed but not read. So it must be treated like a shim.
    return true
  }
  return start.toString('latin1') === '#!'
}

/** The nearest file that says which Python the folder wants. Empty when there is none. */
function versionFileOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    const file = VERSION_FILES.map((name) => join(at, name)).find((path) => existsSync(path))
    if (file !== undefined) return file
    if (at === dirname(at)) return ''
  }
}

function mustBeExecutable(program: string, origin: string, isFile: boolean): void {
  try {
    accessSync(program, constants.X_OK)
    if (isFile) return
  } catch {
    // The error below tells it.
  }
  throw new PythonError(`${program} (from ${origin}) is no program that can be executed; name an interpreter`)
}

async function insistOnAnswer(
  program: string,
  origin: string,
  folder: string | null,
  env: Environment,
): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    const said = await answerOf(program, folder, env)
    if (typeof said !== 'string') return said
    if (tries === TRIES) {
      throw new PythonError(`${program} (from ${origin}) ${said}, ${TRIES} times; mend it, or name another interpreter`)
    }
  }
}

/** The answer of the program, or how it failed to answer. */
async function answerOf(program: string, folder: string | null, env: Environment): Promise<Answer | string> {
  try {
    const { stdout } = await promisify(execFile)(program, ['-E', '-s', '-c', QUESTION], {
      cwd: folder ?? undefined,
      env: runnerEnvironment({ env, device: 'cpu' }),
      timeout: PATIENCE_MS,
    })
    const [version = '', path = ''] = stdout.split('\n').map((line) => line.trim())
    if (/^\d+\.\d+\.\d+$/.test(version)) return { version, path: existsSync(path) ? path : program }
    return `is no Python (it answered ${version === '' ? 'nothing' : JSON.stringify(version.slice(0, 60))})`
  } catch (error) {
    const { code, killed, signal, stderr } = error as ExecFileException & { stderr?: string }
    if (killed) return `did not answer within ${PATIENCE_MS / 1000} s`
    if (signal) return `was ended by ${signal}`
    const words = (stderr ?? '').trim().split('\n').at(-1)?.slice(0, 200) ?? ''
    return `does not start (${code ?? 'no code'})${words === '' ? '' : `: ${words}`}`
  }
}
