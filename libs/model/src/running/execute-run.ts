/**
 * One run of a loaded model: checks the input, runs the model, checks the answer. The runner and `runModel` share it.
 */
import { type JobKind, LIMITS, type RunnerFile, safeFileName } from '@millrace/contracts'
import type { z } from 'zod'
import type { AnyModel } from '../define-model.ts'
import { InvalidInputError, InvalidOutputError } from '../model-errors.ts'
import type { LogLevel, ModelContext } from '../model-context.ts'
import { type BatchItem, callBatch } from './call-batch.ts'
import { type CheckpointSetting, keepCheckpoints } from './keep-checkpoints.ts'
import { openInside, resolveInside } from './open-inside.ts'
import { type SplitOutput, splitOutput } from './split-output.ts'
import { writeOutputFile } from './write-output-file.ts'

export interface RunSetting extends Pick<CheckpointSetting, 'checkpoints'> {
  /** Default: `prediction`. */
  kind?: JobKind
  device: string
  workDir: string
  signal: AbortSignal
  onProgress(fraction: number, message: string | undefined): void
  onLog(level: LogLevel, message: string): void
  onOutput(chunk: unknown): void
  /** Calls the model in place of its `predict`, for this run together with others. Gives the output of this one. */
  call?: (item: BatchItem) => Promise<unknown>
}

export interface ExecutedRun {
  /** What `predict` returned, after its schema. It contains ModelFile objects. */
  answer: unknown
  /** The answer as JSON, with null in the place of each file. */
  output: unknown
  files: RunnerFile[]
  /** What the model measured itself. Undefined when it measured nothing. */
  metrics: Record<string, unknown> | undefined
}

/**
 * Runs the model once. `input` has ModelFile objects in the places of its files. Rejects with InvalidInputError,
 * InvalidOutputError, or whatever the model threw, which may be any value.
 */
export async function executeRun(
  model: AnyModel,
  loaded: unknown,
  input: unknown,
  setting: RunSetting,
): Promise<ExecutedRun> {
  const task = taskOf(model, setting.kind)
  const metrics = new Map<string, unknown>()
  const parsed = await task.input.safeParseAsync(input)
  if (!parsed.success) throw new InvalidInputError(faultsOf('input', parsed.error))
  const ctx = contextOf(setting, metrics)
  const raw = setting.call
    ? await setting.call({ input: parsed.data, ctx })
    : await task.perform(parsed.data, loaded, ctx)
  const checked = await task.output.safeParseAsync(raw)
  if (!checked.success) throw new InvalidOutputError(faultsOf('output', checked.error))
  const split = splitOutput(checked.data)
  return {
    answer: checked.data,
    output: split.value,
    files: await filesOf(split, setting.workDir),
    metrics: metrics.size > 0 ? Object.fromEntries(metrics) : undefined,
  }
}

/** The schemas and the function for the kind of a job. */
interface Task {
  input: z.ZodType
  output: z.ZodType
  perform(input: unknown, loaded: unknown, ctx: ModelContext): unknown
}

function taskOf(model: AnyModel, kind: JobKind = 'prediction'): Task {
  const { input, output, training } = model
  if (kind === 'prediction' && model.batch) return { input, output, perform: (...given) => callAlone(model, ...given) }
  if (kind === 'prediction') return { input, output, perform: (...given) => model.predict(...given) }
  if (training === undefined) throw new InvalidInputError('this model cannot be trained')
  const { input: trainingInput, output: trainingOutput } = training
  return { input: trainingInput, output: trainingOutput, perform: (...given) => training.train(...given) }
}

/** The call of a model that takes lists, for one run. */
async function callAlone(model: AnyModel, input: unknown, loaded: unknown, ctx: ModelContext): Promise<unknown> {
  const [output] = await callBatch(model, loaded, [{ input, ctx }])
  if (output instanceof Error) throw output
  return output
}

function contextOf(setting: RunSetting, metrics: Map<string, unknown>): ModelContext {
  const { device, workDir } = setting
  let made = 0
  let draining: AbortSignal | undefined
  let checkpoint: ModelContext['checkpoint'] | undefined
  return {
    device,
    workDir,
    get signal() {
      return setting.signal
    },
    get draining() {
      return (draining ??= setting.checkpoints?.draining ?? new AbortController().signal)
    },
    get checkpoint() {
      return (checkpoint ??= keepCheckpoints(setting))
    },
    resumed: setting.checkpoints?.resumed,
    progress(fraction, message) {
      if (Number.isFinite(fraction)) setting.onProgress(Math.min(1, Math.max(0, fraction)), message?.slice(0, 256))
    },
    log: (level, message) => setting.onLog(level, String(message)),
    emit: (chunk) => setting.onOutput(plainOf(chunk, 'a chunk')),
    metric(name, value) {
      // A good result must not fail because of a measured value.
      try {
        metrics.set(String(plainOf(String(name), 'its name')), plainOf(value, 'a metric'))
      } catch (error) {
        if (!(error instanceof InvalidOutputError)) throw error
        setting.onLog('warn', `the metric ${String(name).slice(0, 100)} was left out: ${error.message}`)
      }
    },
    file: (name, contentType, source) =>
      writeOutputFile({ workDir, signal: setting.signal, index: made++, name, contentType, source }),
  }
}

function plainOf(given: unknown, what: string): unknown {
  const { value, files } = splitOutput(given, what)
  if (files.length > 0) throw new InvalidOutputError(`${what} cannot hold files; put them into the output`)
  return value
}

async function filesOf({ files }: SplitOutput, workDir: string): Promise<RunnerFile[]> {
  const found: RunnerFile[] = []
  for (const { pointer, file } of files) {
    const handle = await openInside(workDir, file.path)
    await handle.close()
    const path = await resolveInside(workDir, file.path)
    found.push({ pointer, path, name: safeFileName(file.name), content_type: file.contentType })
  }
  return found
}

function faultsOf(side: string, error: z.core.$ZodError): string {
  const shown = error.issues.slice(0, 5).map((issue) => `/${[side, ...issue.path].join('/')}: ${issue.message}`)
  const hidden = error.issues.length - shown.length
  return [...shown, ...(hidden > 0 ? [`and ${hidden} more`] : [])].join('; ').slice(0, LIMITS.messageChars)
}
