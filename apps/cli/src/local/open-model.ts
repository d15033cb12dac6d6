/** Opens a model for the commands of an author: in its real runner, on this machine, without a server. */
import { dirname } from 'node:path'
import type { Config } from '@millrace/process'
import type { LocalModel, ModelLoadError, ModelSource } from '@millrace/host'
import { catchInterrupts } from '../terminal/interrupts.ts'
import { numberFlag } from '../command/read-flags.ts'
import { CommandError, LeftError, UsageError } from '../command/command-error.ts'
import type { CommandContext, Flag } from '../command/command.ts'
import { ownStackLine } from '../terminal/own-stack-line.ts'
import { firstLine, plainText } from '../terminal/plain-text.ts'

export const INPUT_FLAG: Flag = {
  name: 'input',
  type: 'string',
  multiple: true,
  about: 'key=value, key=@file or key:=json; once for each.',
}

export const LOCAL_FLAGS: Flag[] = [
  { name: 'load-timeout', type: 'string', about: 'Seconds the model may take to load; 900 unless given.' },
  { name: 'models', type: 'string', about: 'Folder of the models (MILLRACE_MODELS).', setting: 'MILLRACE_MODELS' },
  {
    name: 'slots',
    type: 'string',
    about: 'Device to run on, such as cuda:0 (MILLRACE_SLOTS).',
    setting: 'MILLRACE_SLOTS',
  },
  {
    name: 'python',
    type: 'string',
    about: 'Python for a model without an environment of its own (MILLRACE_PYTHON).',
    setting: 'MILLRACE_PYTHON',
  },
]

const LOAD_SECONDS = 900

/** Finds the model that the first argument names. Rejects with CommandError. */
export async function findNamed(context: CommandContext, config: Config): Promise<ModelSource> {
  const [place] = context.args
  if (place === undefined) throw new UsageError('MODEL is missing: a folder, a file of a model, or the name of one')
  const { findModel, ModelFolderError, NoSuchModelError } = await import('@millrace/host')
  try {
    return await findModel(place, config.models)
  } catch (error) {
    if (error instanceof NoSuchModelError || error instanceof ModelFolderError) {
      throw new CommandError('model', error.message, { cause: error })
    }
    throw error
  }
}

/**
 * Loads the model, passes it to `use`, and closes it in any case. Lines that the model prints go to `onPrinted`. The first
 * Ctrl-C aborts the signal, so that a run can end in order; a second one ends the model. Rejects with CommandError when the
 * model does not load, and with LeftError when loading was interrupted.
 */
export async function withModel<Result>(
  source: ModelSource,
  context: CommandContext,
  onPrinted: (line: string) => void,
  use: (model: LocalModel, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController()
  const interrupts = catchInterrupts(() => 'Stopped.')
  interrupts.onFirst(() => stop.abort(new LeftError('Stopped.')))
  let model: LocalModel | undefined
  interrupts.left.addEventListener('abort', () => void model?.close(), { once: true })
  try {
    model = await openModel(source, context, onPrinted, stop.signal)
    return await use(model, stop.signal)
  } finally {
    await model?.close()
    // Once interrupted, only the end follows. One more Ctrl-C must not change the exit code then.
    if (!stop.signal.aborted) interrupts.release()
  }
}

async function openModel(
  source: ModelSource,
  context: CommandContext,
  onPrinted: (line: string) => void,
  signal: AbortSignal,
): Promise<LocalModel> {
  const config = context.config()
  const { openLocalModel, ModelLoadError, parseSlots } = await import('@millrace/host')
  try {
    return await openLocalModel(source, {
      logger: printingLogger(onPrinted),
      env: context.env,
      signal,
      python: config.python,
      device: parseSlots(config.slots)[0] ?? 'cpu',
      loadTimeoutMs: (numberFlag(context.flags, 'load-timeout') ?? LOAD_SECONDS) * 1000,
    })
  } catch (error) {
    if (error instanceof ModelLoadError)
      throw new CommandError('model', loadFailure(source, error.failure, error.interpreter), { cause: error })
    throw error
  }
}

/** Drops what a runner logs, except for the lines that the model prints. */
function printingLogger(onPrinted: (line: string) => void) {
  const hear = (fields: Record<string, unknown>): void => {
    if (typeof fields.line === 'string') onPrinted(fields.line)
  }
  return { debug: hear, info: hear, warn: hear, error: hear }
}

/** The reason why a model does not load, with the line of the author's own code, and the Python that it ran on. */
export function loadFailure(
  { label, path }: ModelSource,
  failure: { message: string; traceback?: string },
  interpreter?: ModelLoadError['interpreter'],
): string {
  const own = ownStackLine(failure.traceback, dirname(path), process.cwd())
  const lines = [...plainText(failure.message).trimEnd().split('\n').slice(0, 12), ...(own ? [firstLine(own)] : [])]
  const on =
    interpreter && `It ran on Python ${interpreter.version}: ${plainText(interpreter.path)} (${interpreter.origin})`
  return [`${label} does not load:`, ...[...lines, ...(on ? [on] : [])].map((line) => `  ${line}`)].join('\n')
}
