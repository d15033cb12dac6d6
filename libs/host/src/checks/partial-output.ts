/**
 * Reads what a run gave before its process ended without an answer. A runner writes each piece of a streamed output to a
 * file in the run's folder at once, so the pieces outlive the process. Called by ActiveRun.
 */
import { LIMITS, type RunnerFile } from '@millrace/contracts'
import { openInside } from '@millrace/model'
import { acceptOutput } from './accept-output.ts'
import type { RunOutput } from '../runner.ts'
import { CHUNKS_FILE, JSON_OUTPUT_BYTES } from '@millrace/runner'

/** The pieces as a list, in order. Undefined when there are none. Rejects with InvalidOutputError when they can't be kept. */
export async function partialOutputOf(workDir: string): Promise<RunOutput | undefined> {
  const text = await readChunks(workDir)
  const output: unknown[] = []
  const files: RunnerFile[] = []
  for (const line of text.split('\n')) {
    const said = parse(line)
    if (said === undefined) continue
    for (const file of said.files) files.push({ ...file, pointer: `/${output.length}${file.pointer}` })
    output.push(said.chunk)
  }
  return output.length === 0 ? undefined : await acceptOutput({ output, files }, workDir)
}

async function readChunks(workDir: string): Promise<string> {
  const handle = await openInside(workDir, CHUNKS_FILE).catch(() => undefined)
  if (handle === undefined) return ''
  try {
    const { size } = await handle.stat()
    return size > JSON_OUTPUT_BYTES ? '' : await handle.readFile('utf8')
  } finally {
    await handle.close()
  }
}

/** Undefined for a line that was cut when the process ended. */
function parse(line: string): { chunk: unknown; files: RunnerFile[] } | undefined {
  try {
    const { chunk, files = [] } = JSON.parse(line) as { chunk: unknown; files?: RunnerFile[] }
    return { chunk, files: files.slice(0, LIMITS.outputFiles) }
  } catch {
    return undefined
  }
}
