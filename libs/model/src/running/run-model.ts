/** `runModel` and `trainModel`: run a model once in this process, without a worker. For unit tests of models. */
import { rmSync } from 'node:fs'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { z } from 'zod'
import type { JobKind } from '@millrace/contracts'
import type { AnyModel, Model } from '../define-model.ts'
import { executeRun } from './execute-run.ts'
import type { CheckpointPort } from './keep-checkpoints.ts'
import type { LogLevel } from '../model-context.ts'

export interface RunModelOptions {
  /** Default: `cpu`. */
  device?: string
  /** Aborting it stops the run, as a cancel does. */
  signal?: AbortSignal
  /** From where the run goes on, to try what a model does after a loss. `files`: paths of this machine. */
  resumed?: { state: unknown; files?: Readonly<Record<string, string>> }
  /** Aborting it tells the run that its worker is about to stop. */
  draining?: AbortSignal
}

export interface ModelRun<Output> {
  /** The output, after its schema. Its files can be read until this process ends. */
  output: Output
  chunks: unknown[]
  progress: { fraction: number; message: string | undefined }[]
  logs: { level: LogLevel; message: string }[]
  /** Every checkpoint that the model made, with the bytes of its files. */
  checkpoints: { state: unknown; files: Record<string, Buffer> }[]
  /** The values that the model noted with `ctx.metric`. */
  metrics: Record<string, unknown>
}

/**
 * Runs setup, predict and teardown. Checks input and answer as a runner does. Rejects with InvalidInputError,
 * InvalidOutputError, or what the model threw. Make files with `localFile()`.
 * @example const { output } = await runModel(ocr, { image: await localFile('scan.png', 'image/png') })
 */
export async function runModel<Input extends z.ZodObject, Output extends z.ZodType, Loaded>(
  model: Model<Input, Output, Loaded, z.ZodObject, z.ZodType, any>,
  input: z.input<Input>,
  options: RunModelOptions = {},
): Promise<ModelRun<z.output<Output>>> {
  return runOnce('prediction', model, input, options)
}

/** The same for the model's `training`: runs setup, train and teardown. */
export async function trainModel<TrainingInput extends z.ZodObject, TrainingOutput extends z.ZodType>(
  model: Model<any, any, any, TrainingInput, TrainingOutput, any>,
  input: z.input<TrainingInput>,
  options: RunModelOptions = {},
): Promise<ModelRun<z.output<TrainingOutput>>> {
  return runOnce('training', model, input, options)
}

async function runOnce<Output>(
  kind: JobKind,
  model: AnyModel,
  input: unknown,
  options: RunModelOptions,
): Promise<ModelRun<Output>> {
  const device = options.device ?? 'cpu'
  const run: Omit<ModelRun<never>, 'output' | 'metrics'> = { chunks: [], progress: [], logs: [], checkpoints: [] }
  const onLog = (level: LogLevel, message: string) => void run.logs.push({ level, message })
  const workDir = await mkdtemp(join(tmpdir(), 'millrace-model-'))
  process.once('exit', () => rmSync(workDir, { recursive: true, force: true }))
  const loaded: unknown = await model.setup?.({ device, log: onLog })
  try {
    const { answer, metrics = {} } = await executeRun(model, loaded, input, {
      kind,
      device,
      workDir,
      signal: options.signal ?? new AbortController().signal,
      onLog,
      onProgress: (fraction, message) => void run.progress.push({ fraction, message }),
      onOutput: (chunk) => void run.chunks.push(chunk),
      checkpoints: checkpointsOf(run.checkpoints, workDir, options),
    })
    return { ...run, metrics, output: answer as Output }
  } finally {
    await model.teardown?.(loaded)
  }
}

/** Keeps every checkpoint in memory. */
function checkpointsOf(
  kept: ModelRun<never>['checkpoints'],
  workDir: string,
  { resumed, draining = new AbortController().signal }: RunModelOptions,
): CheckpointPort {
  return {
    draining,
    resumed: resumed && { state: resumed.state, files: resumed.files ?? {} },
    async keep({ state, files }) {
      const read = files.map(async ({ name, path }) => [name, await readFile(join(workDir, path))] as const)
      kept.push({ state, files: Object.fromEntries(await Promise.all(read)) })
      return { kept: true }
    },
  }
}
