/**
 * The host's own check of what a runner says it made. The runner has checked it too, but the host trusts nothing that it
 * says. Called by ActiveRun.
 */
import { LIMITS, type RunnerFile, type RunnerMessage, safeFileName, valueAt } from '@millrace/contracts'
import { InvalidOutputError, openInside, resolveInside } from '@millrace/model'
import type { RunOutput } from '../runner.ts'
import { isTooDeep, JSON_OUTPUT_BYTES } from '@millrace/runner'

const CONTENT_TYPE = /^[\x20-\x7e]{1,255}$/

type Answer = Pick<Extract<RunnerMessage, { type: 'done' }>, 'output' | 'output_path' | 'files'>

/** The output and its files, ready to be stored. Rejects with InvalidOutputError. */
export async function acceptOutput(done: Answer, workDir: string): Promise<RunOutput> {
  const output = done.output_path === undefined ? (done.output ?? null) : await readJson(workDir, done.output_path)
  if (isTooDeep(output)) throw new InvalidOutputError('the output is nested too deeply')
  if (done.files.length > LIMITS.outputFiles) throw new InvalidOutputError(`more than ${LIMITS.outputFiles} files`)
  const pointers = new Set(done.files.map((file) => file.pointer))
  if (pointers.size !== done.files.length) throw new InvalidOutputError('two files claim one place in the output')
  const files: RunnerFile[] = []
  for (const file of done.files) files.push(await acceptFile(file, output, workDir))
  return { output, files }
}

async function acceptFile(file: RunnerFile, output: unknown, workDir: string): Promise<RunnerFile> {
  if (valueAt(output, file.pointer) !== null) throw new InvalidOutputError('a file has no place in the output')
  const handle = await openInside(workDir, file.path)
  await handle.close()
  return {
    pointer: file.pointer,
    path: await resolveInside(workDir, file.path),
    name: safeFileName(file.name),
    content_type: CONTENT_TYPE.test(file.content_type) ? file.content_type : 'application/octet-stream',
  }
}

async function readJson(workDir: string, path: string): Promise<unknown> {
  const handle = await openInside(workDir, path)
  try {
    const { size } = await handle.stat()
    if (size > JSON_OUTPUT_BYTES) throw new InvalidOutputError('the output is too large; put large data into a file')
    return JSON.parse(await handle.readFile('utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) throw new InvalidOutputError('the output is not JSON', { cause: error })
    throw error
  } finally {
    await handle.close()
  }
}
