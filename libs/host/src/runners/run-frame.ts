/** Makes the frame that starts a run. A large input goes into a file in the run's folder instead. Called by RunnerProcess. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HostMessage } from '@millrace/contracts'
import type { RunRequest } from '../runner.ts'
import { SPILL_BYTES } from '@millrace/runner'

/** A promise only for what goes into a file. It rejects when the file cannot be written. */
export function runFrame({ id, kind, input, files, workDir }: RunRequest): string | Promise<string> {
  const message: HostMessage = { type: 'run', id, kind, files, work_dir: workDir }
  const text = JSON.stringify(input)
  // Joined as text, so that the input is turned into JSON only once.
  if (Buffer.byteLength(text) <= SPILL_BYTES) return `${JSON.stringify(message).slice(0, -1)},"input":${text}}`
  return spill({ ...message, input_path: join(workDir, '.input.json') }, text)
}

async function spill(message: HostMessage & { input_path: string }, text: string): Promise<string> {
  await writeFile(message.input_path, text, { flag: 'wx' })
  return JSON.stringify(message)
}
