/** Asks a started Cog model as the API and a worker would together: the schema first, then the run. */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeDataUri, parseDataUri, ProblemError } from '@millrace/contracts'
import { validateInput } from '../../../../apps/api/src/input/validate-input.ts'
import type { RunnerProcess } from '../../../../libs/host/src/runners/runner-process.ts'
import { newRunFolder, type StartedRun, startRun } from '../../../contract/runner/run-in-folder.ts'
import type { Try, Wanted } from './cog-model.ts'

/** What came of it, with the keys that are wanted. */
export async function tryModel(runner: RunnerProcess, [given, wanted]: Try): Promise<Wanted> {
  const manifest = await runner.start()
  const kind = wanted.kind ?? 'prediction'
  try {
    const checked = await validateInput({ manifest, kind, input: structuredClone(given), nodes: 10 })
    const run = startWithFiles(runner, checked.input, checked.places, kind)
    return await heardOf(run, wanted)
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    // What is refused at the door must be refused behind it too, or the schema is stricter than the model.
    const outcome = await startRun(runner, structuredClone(given), { kind }).outcome
    const isRefused = outcome.kind === 'failed' && outcome.code === 'invalid_input'
    return {
      ...('kind' in wanted && { kind: wanted.kind }),
      ...(isRefused ? { refused: true } : { gives: `refused at the door only: ${outcome.kind}` }),
    }
  }
}

function startWithFiles(
  runner: RunnerProcess,
  input: Record<string, unknown>,
  places: Map<string, string>,
  kind: 'prediction' | 'training',
): StartedRun {
  const workDir = newRunFolder()
  const files = [...places].map(([pointer, text], index) => {
    const uri = parseDataUri(text)
    const bytes = uri && decodeDataUri(text, uri)
    if (!bytes) throw new Error('a case gives its files as data: addresses')
    const path = `in-${index}`
    writeFileSync(join(workDir, path), bytes)
    place(input, pointer, null)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    return { pointer, path, name: 'input', content_type: uri.contentType, size: bytes.length, sha256 }
  })
  return startRun(runner, input, { workDir, files, kind })
}

async function heardOf(run: StartedRun, wanted: Wanted): Promise<Wanted> {
  const outcome = await run.outcome
  const more: Wanted = {
    ...('kind' in wanted && { kind: wanted.kind }),
    ...('differs' in wanted && { differs: wanted.differs }),
    ...('chunks' in wanted && { chunks: run.chunks }),
    ...('logs' in wanted && { logs: matching(run.logs.map(({ message }) => message).join('\n'), wanted.logs) }),
  }
  if (outcome.kind === 'done') {
    const metrics = 'metrics' in wanted && { metrics: outcome.metrics ?? {} }
    return { gives: withFiles(outcome, run.workDir), ...more, ...metrics }
  }
  if (outcome.kind === 'crashed') return { crashed: true, ...more }
  if (outcome.kind !== 'failed') throw new Error(outcome.kind)
  const partial = 'partial' in wanted && { partial: outcome.partial && withFiles(outcome.partial, run.workDir) }
  if (outcome.code === 'invalid_input') return { refused: true, gives: 'refused by the model only', ...more }
  return { fails: matching(`${outcome.code}: ${outcome.message}`, wanted.fails), ...more, ...partial }
}

/** The pattern itself where it fits, so that a table compares. */
const matching = (text: string, pattern: RegExp | undefined): RegExp =>
  pattern?.test(text) ? pattern : new RegExp(text.replaceAll(/[\\/()[\].*+?{}|^$]/g, '\\$&'))

function withFiles(output: { output: unknown; files: { pointer: string; path: string }[] }, workDir: string): unknown {
  const holder = { root: structuredClone(output.output) }
  for (const { pointer, path } of output.files) {
    place(holder, `/root${pointer}`, { file: readFileSync(join(workDir, path), 'utf8') })
  }
  return holder.root
}

function place(value: unknown, pointer: string, item: unknown): void {
  const steps = pointer.split('/').slice(1)
  const last = steps.pop() ?? ''
  let at = value as Record<string, unknown>
  for (const step of steps) at = at[step] as Record<string, unknown>
  at[last] = item
}
