/**
 * Finds the packages of a Python model that are not installed. Called by configure-model.ts before the model is loaded.
 */
import { PYTHON_PROGRAMS } from '@millrace/runner'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { type Environment, runnerEnvironment } from '../settings/runner-environment.ts'
import { createLimiter } from '@millrace/async'
import type { ModelSettings } from '../settings/model-settings.ts'
import type { Interpreter } from './find-python.ts'
import { pythonSettingsOf } from './python-settings.ts'
import { readCogYaml } from './read-cog-yaml.ts'

const REQUIREMENTS = 'requirements.txt'
const SCRIPT = join(PYTHON_PROGRAMS, 'missing_imports.py')
const PATIENCE_MS = 15_000
/** Each folder needs a process. All processes at once would only slow each other down. */
const lookLimited = createLimiter(Math.max(2, availableParallelism()))

export interface MissingPackagesOptions {
  /** Absolute path of the model's folder. */
  folder: string
  settings: ModelSettings
  interpreter: Pick<Interpreter, 'path'>
  env: Environment
}

/**
 * True when a model's packages are worth looking for: its folder has a requirements.txt and no environment of its own. An
 * author who made an environment wants to hear what is wrong with it, so such a model is always tried.
 */
export const mayLackPackages = (folder: string, { python }: ModelSettings): boolean =>
  python === undefined &&
  existsSync(join(folder, REQUIREMENTS)) &&
  !['.venv', 'venv'].some((name) => existsSync(join(folder, name)))

/**
 * The packages that the model's file imports first and that its Python cannot find. Empty for a model whose packages are not
 * looked for, so that it is tried. Never rejects: any other fault shows when the model is loaded.
 */
export async function missingPackages(options: MissingPackagesOptions): Promise<string[]> {
  const { folder, settings, interpreter, env } = options
  if (!mayLackPackages(folder, settings)) return []
  const cog = readCogYaml(folder)
  const told = pythonSettingsOf({ folder, settings, hostPid: process.pid, device: 'cpu', cog })
  try {
    const { stdout } = await lookLimited(() =>
      promisify(execFile)(interpreter.path, [SCRIPT, JSON.stringify(told)], {
        cwd: folder,
        env: runnerEnvironment({ env, extraEnv: settings.env, device: 'cpu' }),
        timeout: PATIENCE_MS,
      }),
    )
    return JSON.parse(stdout) as string[]
  } catch {
    return []
  }
}

/** The command, for a shell in `cwd`, that installs them into an environment of the model's own. */
export function installCommand(folder: string, cwd: string): string {
  const at = (name: string): string => relative(cwd, join(folder, name))
  return `python3 -m venv ${at('.venv')} && ${at('.venv/bin/pip')} install -r ${at(REQUIREMENTS)}`
}
