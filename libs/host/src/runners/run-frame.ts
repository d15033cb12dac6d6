/** Makes the frame that starts a run. A large input goes into a file in the run's folder instead. Called by RunnerProcess. */
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

/** The same for a run that is to be held, once the name of its folder is known. Undefined: its input is too large for that. */
export function heldFrame(request: RunRequest): ((held: string) => string) | undefined {
  const text = JSON.stringify(request.input)
  return fits(text) ? (held) => withInput({ ...messageOf(request), held }, text) : undefined
}

const fits = (text: string): boolean => Buffer.byteLength(text) <= SPILL_BYTES

const messageOf = ({ id, kind, files, workDir }: RunRequest) =>
  ({ type: 'run', id, kind, files, work_dir: workDir }) satisfies HostMessage

/** Joined as text, so that the input is turned into JSON only once. */
const withInput = (message: HostMessage, text: string): string =>
  `${JSON.stringify(message).slice(0, -1)},"input":${text}}`

async function spill(request: RunRequest, text: string): Promise<string> {
  const inputPath = join(request.workDir, '.input.json')
  await writeFile(inputPath, text, { flag: 'wx' })
  return JSON.stringify({ ...messageOf(request), input_path: inputPath } satisfies HostMessage)
}
