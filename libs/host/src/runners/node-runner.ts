/** Starts the process of a TypeScript or JavaScript model. Called by configure-model.ts. */
import type { Log } from '@millrace/contracts'
import { basename, dirname, resolve } from 'node:path'
import { nodeProgram } from '@millrace/runner'
import { type Environment, runnerEnvironment } from '../settings/runner-environment.ts'
import type { LoadFailure } from './load-faults.ts'
import type { WearLimits } from './process/wear.ts'
import { RunnerProcess } from './runner-process.ts'
import type { RunnerTimings } from './runner-process-options.ts'

export interface NodeRunnerOptions {
  /** Path of `model.ts` (or .mts, .js, .mjs). */
  modelPath: string
  /** `cpu` or `cuda:N`. */
  device: string
  logger: Log
  /** The worker's environment, from its main file. Only an allow-listed part reaches the model. Default: nothing. */
  env?: Environment
  /** More variables for the model. Names of our own secrets are refused even here. */
  extraEnv?: Environment
  /** Options for node itself, such as `--max-old-space-size=4096`. */
  nodeArgs?: string[]
  /** The program of the runner, as arguments of node. Default: that which lies beside this code. */
  program?: readonly string[]
  /** See RunnerCommand. */
  setupTimeoutMs?: number
  timings?: Partial<RunnerTimings>
  /** See RunnerProcessOptions. */
  memoryErrors?: number
  /** See RunnerProcessOptions. */
  wear?: WearLimits
  /** See RunnerProcessOptions. */
  onLoadFailed?: (failure: LoadFailure) => void
}

/** Makes a runner that is not started yet. Throws RangeError for a device that the worker does not see. */
export function createNodeRunner(options: NodeRunnerOptions): RunnerProcess {
  const modelPath = resolve(options.modelPath)
  const {
    env = {},
    extraEnv,
    device,
    logger,
    timings,
    memoryErrors,
    wear,
    onLoadFailed,
    program = nodeProgram(),
  } = options
  const label = `${basename(dirname(modelPath))}@${device}`
  return new RunnerProcess({
    label,
    logger,
    timings,
    memoryErrors,
    wear,
    onLoadFailed,
    command: {
      command: process.execPath,
      args: [...(options.nodeArgs ?? []), ...program, modelPath, String(process.pid)],
      env: runnerEnvironment({ env, extraEnv, device }),
      cwd: dirname(modelPath),
      setupTimeoutMs: options.setupTimeoutMs,
    },
  })
}
