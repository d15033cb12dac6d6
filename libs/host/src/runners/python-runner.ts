/** Starts the process of a Python model. Called by configure-model.ts. */
import type { Log } from '@millrace/contracts'
import { PYTHON_PROGRAMS } from '@millrace/runner'
import { basename, join } from 'node:path'
import { type PythonSettings, pythonSettingsOf } from '../python/python-settings.ts'
import { readCogYaml } from '../python/read-cog-yaml.ts'
import { type ModelSettings, SETUP_TIMEOUT } from '../settings/model-settings.ts'
import { type Environment, runnerEnvironment } from '../settings/runner-environment.ts'
import type { RunnerCommand } from './runner-child.ts'
import type { LoadFailure } from './load-faults.ts'
import { wearLimitsOf } from './process/wear-limits-of.ts'
import { RunnerProcess } from './runner-process.ts'
import type { RunnerTimings } from './runner-process-options.ts'

export interface PythonCommandOptions {
  /** Absolute path of the model's folder. */
  folder: string
  /** The settings in its millrace.yaml. */
  settings: ModelSettings
  /** Absolute path of the Python to run it with; see findPython. */
  interpreter: string
  /** `cpu` or `cuda:N`. */
  device: string
  /** The worker's environment. Only an allow-listed part reaches the model. */
  env?: Environment
}

export interface PythonRunnerOptions extends PythonCommandOptions {
  logger: Log
  timings?: Partial<RunnerTimings>
  /** See RunnerProcessOptions. */
  onLoadFailed?: (failure: LoadFailure) => void
}

/** With these, no output is lost in a buffer when the process dies, and a crash in native code leaves a trace. */
const PYTHON_ENV = { PYTHONUNBUFFERED: '1', PYTHONUTF8: '1', PYTHONFAULTHANDLER: '1' }

/** Makes a runner that is not started yet. Throws RangeError for a device that the worker does not see. */
export function createPythonRunner(options: PythonRunnerOptions): RunnerProcess {
  const { folder, device, logger, timings, onLoadFailed } = options
  return new RunnerProcess({
    label: `${basename(folder)}@${device}`,
    logger,
    timings,
    memoryErrors: options.settings.memory_errors,
    wear: wearLimitsOf(options.settings),
    onLoadFailed,
    command: pythonCommand(options),
  })
}

/** The command that starts the process. With `print`, the process prints that one thing and ends. */
export function pythonCommand(options: PythonCommandOptions, print?: PythonSettings['print']): RunnerCommand {
  const { folder, settings, interpreter, device, env = {} } = options
  const cog = readCogYaml(folder)
  const extraEnv = { ...PYTHON_ENV, ...cog?.environment, ...settings.env }
  const environment = runnerEnvironment({ env, extraEnv, device })
  const told = pythonSettingsOf({
    folder,
    settings,
    hostPid: process.pid,
    device: environment.MILLRACE_DEVICE ?? 'cpu',
    cog,
    print,
  })
  return {
    command: interpreter,
    args: ['-u', join(PYTHON_PROGRAMS, 'run_model.py'), JSON.stringify(told)],
    env: environment,
    cwd: folder,
    setupTimeoutMs: (settings.setup_timeout ?? SETUP_TIMEOUT) * 1000,
  }
}
