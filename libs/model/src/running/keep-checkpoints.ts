/** `ctx.checkpoint`: one at a time, with files that last until it is kept. Called by execute-run.ts. */
import { rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { type CheckpointAnswer, type CheckpointRefusal, LIMITS, notKept } from '@millrace/contracts'
import { InvalidOutputError } from '../model-errors.ts'
import type { FileSource, LogLevel, Resumed } from '../model-context.ts'
import { splitOutput } from './split-output.ts'
import { writeOutputFile } from './write-output-file.ts'

/** A checkpoint on its way. Paths are relative to the run's folder, and good until the answer. */
export interface RunCheckpoint {
  state: unknown
  files: { name: string; path: string }[]
}

/** What a run needs for checkpoints. Default: it begins anew, its worker does not stop, and nothing is kept. */
export interface CheckpointPort {
  readonly resumed: Resumed | undefined
  readonly draining: AbortSignal
  /** Resolves when it is kept, or is not. */
  keep(checkpoint: RunCheckpoint): Promise<CheckpointAnswer>
}

export interface CheckpointSetting {
  workDir: string
  readonly signal: AbortSignal
  onLog(level: LogLevel, message: string): void
  checkpoints?: CheckpointPort
}

/** What an author expects: it is no news in a log. */
const SILENT: readonly CheckpointRefusal[] = ['too_often', 'off']

type Files = Readonly<Record<string, FileSource>>

/** Below the run's folder: what was written only for a checkpoint. */
const FOLDER = '.checkpoints'

/** Gives the `checkpoint` of one run. */
export function keepCheckpoints(setting: CheckpointSetting) {
  let before: Promise<unknown> = Promise.resolve()
  let made = 0
  return async (state: unknown, files: Files = {}): Promise<CheckpointAnswer> => {
    const answer = await orRefused(() => {
      // At once: what the model changes after the call is not part of it.
      const plain = plainOf(state)
      const number = ++made
      const kept = before.then(() => keepOne(setting, plain, files, join(FOLDER, String(number))))
      before = kept.catch(() => undefined)
      return kept
    })
    if (!answer.kept && !SILENT.includes(answer.code))
      setting.onLog('warn', `a checkpoint was not kept: ${answer.message}`)
    setting.signal.throwIfAborted()
    return answer
  }
}

function plainOf(state: unknown): unknown {
  const { value, files } = splitOutput(state, 'the state of a checkpoint')
  if (files.length > 0) throw new InvalidOutputError('files go beside the state of a checkpoint, not into it')
  return value
}

/** What cannot be kept must not end a run, be it the fault of the model or of the disk. */
async function orRefused(act: () => Promise<CheckpointAnswer>): Promise<CheckpointAnswer> {
  try {
    return await act()
  } catch (error) {
    const isGiven = error instanceof InvalidOutputError || error instanceof TypeError
    return isGiven ? notKept('invalid', error.message) : notKept('unavailable')
  }
}

async function keepOne(
  setting: CheckpointSetting,
  state: unknown,
  files: Files,
  folder: string,
): Promise<CheckpointAnswer> {
  const { workDir, checkpoints } = setting
  if (!checkpoints) return notKept('off')
  const named = Object.entries(files)
  if (named.length > LIMITS.checkpointFiles) return notKept('too_many_files')
  try {
    const written: RunCheckpoint['files'] = []
    for (const [index, [name, source]] of named.entries()) {
      const path = await writeFile(setting, source, { name, index, folder })
      written.push({ name, path: relative(workDir, path) })
    }
    return await checkpoints.keep({ state, files: written })
  } finally {
    if (named.length > 0) await rm(join(workDir, folder), { recursive: true, force: true })
  }
}

async function writeFile(
  { workDir, signal }: CheckpointSetting,
  source: FileSource,
  { name, index, folder }: { name: string; index: number; folder: string },
): Promise<string> {
  if (name === '' || name.length > 128)
    throw new TypeError('the name of a file of a checkpoint has 1 to 128 characters')
  const request = { workDir, signal, index, name, contentType: 'application/octet-stream', source, folder }
  return (await writeOutputFile({ ...request, call: 'ctx.checkpoint(state, { name: data })' })).path
}
