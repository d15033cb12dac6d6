/** Makes the frame that starts a run. A large input goes into a file in the run's folder instead. Called by RunnerProcess. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HostMessage } from '@millrace/contracts'
import type { RunRequest } from '../runner.ts'
import { SPILL_BYTES } from '@millrace/runner'

/** Rejects when the file cannot be written. */
export async function runFrame({ id, kind, input, files, workDir }: RunRequest): Promise<string> {
  const message: HostMessage = { type: 'run', id, kind, files, work_dir: workDir }
  const text = JSON.stringify(input)
  // Joined as text, so that the input is turned into JSON only once.
  if (Buffer.byteLength(text) <= SPILL_BYTES) return `${JSON.stringify(message).slice(0, -1)},"input":${text}}`
  const inputPath = join(workDir, '.input.json')
  await writeFile(inputPath, text, { flag: 'wx' })
  return JSON.stringify({ ...message, input_path: inputPath })
}
