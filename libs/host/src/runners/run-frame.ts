/** Makes the frame that starts a run. A large input goes into a file in the run's folder instead. Called by RunnerProcess. */
import { rmSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HostMessage } from '@millrace/contracts'
import type { RunRequest } from '../runner.ts'
import { SPILL_BYTES } from '@millrace/runner'

/** A promise only for what goes into a file. It rejects when the file cannot be written. */
export function runFrame(request: RunRequest): string | Promise<string> {
  const text = JSON.stringify(request.input)
  return fits(text) ? withInput(messageOf(request), text) : spill(request, text)
}

/**
 * The same for a run that is to be held, once the name of its folder is known. Undefined: its input is too large for that. `spills`: such
 * a one is written into its file here and now; undefined when that is impossible.
 */
export function heldFrame(request: RunRequest, spills: boolean): ((held: string) => string) | undefined {
  const text = JSON.stringify(request.input)
  if (fits(text)) return (held) => withInput({ ...messageOf(request), held }, text)
  if (!spills) return undefined
  const inputPath = join(request.workDir, INPUT_FILE)
  try {
    // A run that was taken back and comes again has one.
    rmSync(inputPath, { force: true })
    writeFileSync(inputPath, text, { flag: 'wx' })
  } catch {
    return undefined
  }
  return (held) => JSON.stringify({ ...messageOf(request), held, input_path: inputPath } satisfies HostMessage)
}

const INPUT_FILE = '.input.json'

const fits = (text: string): boolean => Buffer.byteLength(text) <= SPILL_BYTES

const messageOf = ({ id, kind, files, workDir, resumed }: RunRequest) =>
  ({
    ...{ type: 'run', id, kind, files, work_dir: workDir },
    ...(resumed && { resumed: { state: resumed.state, state_path: resumed.statePath, files: resumed.files } }),
  }) satisfies HostMessage

/** Joined as text, so that the input is turned into JSON only once. */
const withInput = (message: HostMessage, text: string): string =>
  `${JSON.stringify(message).slice(0, -1)},"input":${text}}`

async function spill(request: RunRequest, text: string): Promise<string> {
  const inputPath = join(request.workDir, INPUT_FILE)
  await writeFile(inputPath, text, { flag: 'wx' })
  return JSON.stringify({ ...messageOf(request), input_path: inputPath } satisfies HostMessage)
}
