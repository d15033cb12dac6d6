/** `runModel`: for the unit tests of a model. Runs it once in this process, without a worker. */
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { z } from 'zod'
import type { Model } from './define-model.ts'
import { executeRun } from './execute-run.ts'
import type { LogLevel } from './model-context.ts'

export interface RunModelOptions {
  /** Default `cpu`. */
  device?: string
  /** Aborting it stops the run, as a cancel does. */
  signal?: AbortSignal
}

export interface ModelRun<Output> {
  /** After the output schema. Its files can be read until this process ends. */
  output: Output
  chunks: unknown[]
  progress: { fraction: number; message: string | undefined }[]
  logs: { level: LogLevel; message: string }[]
}

/**
 * Runs setup, predict and teardown. Checks input and answer as a runner does: rejects with InvalidInputError,
 * InvalidOutputError or what the model threw. Give files with `localFile()`.
 * @example const { output } = await runModel(ocr, { image: await localFile('scan.png', 'image/png') })
 */
export async function runModel<Input extends z.ZodObject, Output extends z.ZodType, Loaded>(
  model: Model<Input, Output, Loaded>,
  input: z.input<Input>,
  options: RunModelOptions = {},
): Promise<ModelRun<z.output<Output>>> {
  const device = options.device ?? 'cpu'
  const run: Omit<ModelRun<never>, 'output'> = { chunks: [], progress: [], logs: [] }
  const onLog = (level: LogLevel, message: string) => void run.logs.push({ level, message })
  const workDir = await mkdtemp(join(tmpdir(), 'millrace-model-'))
  process.once('exit', () => rmSync(workDir, { recursive: true, force: true }))
  const loaded = (await model.setup?.({ device, log: onLog })) as Loaded
  try {
    const { answer } = await executeRun(model, loaded, input, {
      device,
      workDir,
      signal: options.signal ?? new AbortController().signal,
      onLog,
      onProgress: (fraction, message) => void run.progress.push({ fraction, message }),
      onOutput: (chunk) => void run.chunks.push(chunk),
    })
    return { ...run, output: answer as z.output<Output> }
  } finally {
    await model.teardown?.(loaded)
  }
}
