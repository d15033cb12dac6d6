/** What the tests of AIGES wrappers share: starting one, and giving it an input with files. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RunnerProcess } from '../../../libs/host/src/runners/runner-process.ts'
import { newRunFolder, startRun } from '../../contract/runner/run-in-folder.ts'
import { startPythonModel } from '../python-model.ts'

export const onceExample = fileURLToPath(new URL('../examples/aiges/once/', import.meta.url))
export const seedExample = fileURLToPath(new URL('../examples/aiges/seed_style/', import.meta.url))
export const wrappers = fileURLToPath(new URL('./wrappers/', import.meta.url))

/** One of the wrappers in test/python/aiges/wrappers: `file.py` or `file.py:Class`. */
export const startWrapper = (ref: string, config: Record<string, unknown> = {}): Promise<RunnerProcess> =>
  startPythonModel({ source: wrappers, convention: 'aiges', ref, config })

/** A run with these bytes in place of each null; by JSON pointer. */
export function runWithFiles(
  runner: RunnerProcess,
  input: Record<string, unknown>,
  files: Record<string, { bytes: Buffer; type: string }>,
) {
  const workDir = newRunFolder()
  const refs = Object.entries(files).map(([pointer, { bytes, type }], index) => {
    writeFileSync(join(workDir, `in-${index}`), bytes)
    const known = { size: bytes.length, sha256: '0'.repeat(64) }
    return { pointer, path: `in-${index}`, name: `in-${index}`, content_type: type, ...known }
  })
  return startRun(runner, input, { workDir, files: refs })
}

/** What a wrapper of shapes.py says: the JSON text in its `result`. */
export async function saidBy(runner: RunnerProcess, input: Record<string, unknown>): Promise<unknown> {
  const outcome = await startRun(runner, input).outcome
  if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome))
  const { result } = outcome.output as { result: unknown }
  return typeof result === 'string' ? JSON.parse(result) : result
}
