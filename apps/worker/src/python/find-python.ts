/** Which Python runs a model, and whether it can. Called by configured-models.ts, and by `millrace doctor`. */
import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { findProgram } from '@millrace/process'
import { type Environment, runnerEnvironment } from '../runners/runner-environment.ts'

export interface Interpreter {
  /** Absolute path of the program itself, behind any shim. */
  path: string
  /** Such as `3.11.7`. */
  version: string
  /** Who chose it, for messages: `millrace.yaml`, `.venv`, `MILLRACE_PYTHON`, `PATH`. */
  origin: string
}

export interface FindPythonOptions {
  /** The model's folder; null to ask for the one of models that have none of their own. */
  folder: string | null
  /** `python` of its millrace.yaml: an interpreter or a virtual environment, relative to the folder; or a program's name. */
  named?: string
  /** MILLRACE_PYTHON. */
  configured?: string
  env: Environment
}

/** There is no Python that can run the model; `message` says which was tried and how to mend it. */
export class PythonError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'PythonError'
  }
}

/** Older ones lack what the runner is written in. */
const OLDEST = [3, 9] as const
const PATIENCE_MS = 15_000
// Runs on every Python there is, and imports nothing: the model's folder may hold a file of any name.
const QUESTION = 'import sys; print("%d.%d.%d" % tuple(sys.version_info[:3])); print(sys.executable)'

/** Each that has answered once: it is asked again only when the program is another one. */
const known = new Map<string, { stamp: string; answer: Pick<Interpreter, 'path' | 'version'> }>()

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

/** A path relative to the folder (of this process when there is none), or a program such as `python3.12`. */
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

async function ask(program: string, origin: string, { folder, env }: FindPythonOptions) {
  const key = `${program}\n${folder ?? ''}`
  const stats = statSync(program)
  const stamp = `${stats.ino} ${stats.size} ${stats.mtimeMs}`
  const before = known.get(key)
  if (before?.stamp === stamp && existsSync(before.answer.path)) return before.answer
  mustBeExecutable(program, origin, stats.isFile())
  const answer = await answerOf(program, origin, folder, env)
  known.set(key, { stamp, answer })
  return answer
}

function mustBeExecutable(program: string, origin: string, isFile: boolean): void {
  try {
    accessSync(program, constants.X_OK)
    if (isFile) return
  } catch {
    // Told below.
  }
  throw new PythonError(`${program} (from ${origin}) is no program that can be executed; name an interpreter`)
}

async function answerOf(program: string, origin: string, folder: string | null, env: Environment) {
  try {
    const { stdout } = await promisify(execFile)(program, ['-E', '-s', '-c', QUESTION], {
      cwd: folder ?? undefined,
      env: runnerEnvironment({ env, device: 'cpu' }),
      timeout: PATIENCE_MS,
    })
    const [version = '', path = ''] = stdout.split('\n').map((line) => line.trim())
    if (/^\d+\.\d+\.\d+$/.test(version)) return { version, path: existsSync(path) ? path : program }
  } catch (error) {
    const { code, killed } = error as { code?: number | string; killed?: boolean }
    const how = killed ? `did not answer within ${PATIENCE_MS / 1000} s` : `does not start (${code ?? 'no code'})`
    throw new PythonError(`${program} (from ${origin}) ${how}; mend it, or name another interpreter`)
  }
  throw new PythonError(`${program} (from ${origin}) is no Python; name an interpreter`)
}
