/** Row 7, c and d: a run of a Python model against the same run of a TypeScript one, each in its runner, without Redis. */
import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLogger } from '@millrace/process'
import { findPython, PythonError, type Runner, type RunRequest } from '@millrace/host'
import { createNodeRunner } from '../../../libs/host/src/runners/node-runner.ts'
import { createPythonRunner } from '../../../libs/host/src/runners/python-runner.ts'
import { median } from '../measure/median.ts'
import { takeTurns } from '../measure/take-turns.ts'
import { milliseconds, type Row, type RowContext, type RowResult, verdictOf } from './row.ts'

const TARGET = 1.3
const TEXT = 'x'.repeat(1024)
const FILE_BYTES = 25 * 1024 * 1024
const [PYTHON, NODE] = ['Python', 'Node']

export const pythonRow: Row = {
  number: 7,
  async run(context) {
    const env = { PATH: process.env.PATH }
    const python = await findPython({ folder: null, env }).catch((error: unknown) => {
      if (error instanceof PythonError) return error
      throw error
    })
    if (python instanceof PythonError) return [skipped(python.message)]
    const shared = { device: 'cpu', env, logger: createLogger({ level: 'silent' }) }
    const runners = {
      [PYTHON]: createPythonRunner({
        ...shared,
        folder: modelOf('relay-python'),
        settings: {},
        interpreter: python.path,
      }),
      [NODE]: createNodeRunner({ ...shared, modelPath: join(modelOf('relay-node'), 'model.ts') }),
    }
    const bench = makeRunFolders()
    try {
      await Promise.all(Object.values(runners).map((runner) => runner.start()))
      return [
        await compare(context, runners, bench, { row: '7c', what: '1 KB', file: false }),
        await compare(context, runners, bench, { row: '7d', what: '25 MB in and out as files', file: true }),
      ].map((result) => ({ ...result, notes: [...result.notes, `Python ${python.version}.`] }))
    } finally {
      await Promise.all(Object.values(runners).map((runner) => runner.stop(1000)))
      bench.delete()
    }
  },
}

const modelOf = (name: string): string => fileURLToPath(new URL(`../models/${name}`, import.meta.url))

type RunFolders = ReturnType<typeof makeRunFolders>

/** Folders for runs, as the worker makes them; one file that is the input of all that take one. */
function makeRunFolders() {
  const root = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  const source = join(root, 'source')
  writeFileSync(source, Buffer.alloc(FILE_BYTES, 'millrace'))
  let made = 0
  return {
    next(withFile: boolean): string {
      const folder = join(root, String(made++))
      mkdirSync(folder)
      if (withFile) linkSync(source, join(folder, 'in-0'))
      return folder
    },
    delete: () => rmSync(root, { recursive: true, force: true }),
  }
}

interface Part {
  row: string
  what: string
  file: boolean
}

async function compare(
  context: RowContext,
  runners: Record<string, Runner>,
  folders: RunFolders,
  { row, what, file }: Part,
): Promise<RowResult> {
  const variants = Object.entries(runners).map(([name, runner]) => ({
    name,
    round: async () => ({ p50Ms: await roundTripMs(runner, folders, file, context.roundMs / 2) }),
  }))
  const measured = await takeTurns(variants, context.rounds)
  const ratio = measured.ratio(PYTHON, NODE, 'p50Ms')
  return {
    row,
    what: `Round trip of a Python model, ${what}; bare is the same in TypeScript`,
    millrace: milliseconds(measured.median(PYTHON, 'p50Ms')),
    bare: milliseconds(measured.median(NODE, 'p50Ms')),
    ratio,
    target: `≤ ${TARGET}`,
    met: verdictOf(ratio, (value) => value <= TARGET),
    notes: [],
  }
}

/** The median of one run after the other for so long. Making and deleting its folder does not count. */
async function roundTripMs(runner: Runner, folders: RunFolders, file: boolean, forMs: number): Promise<number> {
  const times: number[] = []
  const end = performance.now() + forMs
  while (performance.now() < end) {
    const workDir = folders.next(file)
    const begun = performance.now()
    const outcome = await runner.run(requestOf(workDir, file))
    times.push(performance.now() - begun)
    if (outcome.kind !== 'done') throw new Error(`a run ended as ${outcome.kind}`)
    rmSync(workDir, { recursive: true })
  }
  return median(times)
}

const requestOf = (workDir: string, file: boolean): RunRequest => ({
  id: `run-${workDir.split('/').at(-1)}`,
  kind: 'prediction',
  input: file ? { text: '', file: null } : { text: TEXT },
  files: file ? [INPUT] : [],
  workDir,
  signal: new AbortController().signal,
  timeoutSeconds: 60,
  onProgress: () => undefined,
  onLog: () => undefined,
  onOutput: () => undefined,
})

const INPUT = {
  ...{ pointer: '/file', path: 'in-0', name: 'in.bin', content_type: 'application/octet-stream' },
  ...{ size: FILE_BYTES, sha256: '0'.repeat(64) },
}

const skipped = (why: string): RowResult => ({
  row: '7c',
  what: 'Round trip of a Python model',
  millrace: '–',
  bare: '–',
  target: `≤ ${TARGET}`,
  met: 'not measured',
  notes: [`Not measured: ${why}.`],
})
