/** One run of a loaded model: checks the input, predicts, checks the answer. The runner and `runModel` share it. */
import { LIMITS, type RunnerFile, safeFileName } from '@millrace/contracts'
import type { z } from 'zod'
import type { AnyModel } from './define-model.ts'
import { InvalidInputError, InvalidOutputError } from './model-errors.ts'
import type { LogLevel, ModelContext } from './model-context.ts'
import { openInside, resolveInside } from './open-inside.ts'
import { type SplitOutput, splitOutput } from './split-output.ts'
import { writeOutputFile } from './write-output-file.ts'

export interface RunSetting {
  device: string
  workDir: string
  signal: AbortSignal
  onProgress(fraction: number, message: string | undefined): void
  onLog(level: LogLevel, message: string): void
  onOutput(chunk: unknown): void
}

export interface ExecutedRun {
  /** What `predict` gave, after its schema. Holds ModelFile objects. */
  answer: unknown
  /** JSON value with null in place of each file. */
  output: unknown
  files: RunnerFile[]
}

/**
 * `input` holds ModelFile objects in place of its files. Rejects with InvalidInputError, InvalidOutputError, or whatever
 * the model threw, which may be anything at all.
 */
export async function executeRun(
  model: AnyModel,
  loaded: unknown,
  input: unknown,
  setting: RunSetting,
): Promise<ExecutedRun> {
  const parsed = await model.input.safeParseAsync(input)
  if (!parsed.success) throw new InvalidInputError(faultsOf('input', parsed.error))
  const raw = await model.predict(parsed.data, loaded, contextOf(setting))
  const checked = await model.output.safeParseAsync(raw)
  if (!checked.success) throw new InvalidOutputError(faultsOf('output', checked.error))
  const split = splitOutput(checked.data)
  return { answer: checked.data, output: split.value, files: await filesOf(split, setting.workDir) }
}

function contextOf(setting: RunSetting): ModelContext {
  const { device, workDir, signal } = setting
  let made = 0
  return {
    device,
    workDir,
    signal,
    progress(fraction, message) {
      if (Number.isFinite(fraction)) setting.onProgress(Math.min(1, Math.max(0, fraction)), message?.slice(0, 256))
    },
    log: (level, message) => setting.onLog(level, String(message)),
    emit: (chunk) => setting.onOutput(splitChunk(chunk)),
    file: (name, contentType, source) => writeOutputFile({ workDir, signal, index: made++, name, contentType, source }),
  }
}

function splitChunk(chunk: unknown): unknown {
  const { value, files } = splitOutput(chunk)
  if (files.length > 0) throw new InvalidOutputError('a chunk cannot hold files; put them into the output')
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
