/** Finds which Python runs the models that have no Python of their own. Called by run-checks.ts. */
import type { Config } from '@millrace/process'
import { findPython, PythonError } from '@millrace/host'
import { fail, type Finding, ok, warn } from './finding.ts'

const MEND = 'Install Python 3.9 or newer, or set MILLRACE_PYTHON to its path.'

/** `env` is the environment of the worker: its PATH decides. */
export async function checkPython(
  config: Pick<Config, 'python'>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Finding> {
  try {
    const { version, path, origin } = await findPython({ folder: null, configured: config.python, env })
    return ok(
      'python',
      `Python ${version} (${path}, from ${origin}) runs the models that have no environment of their own.`,
    )
  } catch (error) {
    if (!(error instanceof PythonError)) throw error
    // A missing Python is a fault only when the settings name one. Otherwise only Python models need it, and each of them
    // reports it by itself.
    return config.python === undefined
      ? warn('python', `Python models need an environment of their own: ${error.message}.`, MEND)
      : fail('python', `MILLRACE_PYTHON cannot be used: ${error.message}.`, MEND)
  }
}
