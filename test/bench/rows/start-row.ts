/** Row 11: how soon `millrace dev` takes jobs, beyond what its model takes to load, and the memory of an idle API. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../support/until.ts'
import { residentMegabytes } from '../measure/cpu-clock.ts'
import { median } from '../measure/median.ts'
import { spawnQuietly } from '../stacks/spawn-quietly.ts'
import { MILLRACE, NOOP, startMillraceStack } from '../stacks/start-millrace-stack.ts'
import type { Row, RowContext } from './row.ts'

const MOST_SECONDS = 2
const MOST_MEGABYTES = 120

export const startRow: Row = {
  number: 11,
  async run(context) {
    const { beyond, whole, own } = await startTimes(context)
    const memory = await idleMemory()
    return [
      {
        row: '11a',
        what: '`millrace dev` takes jobs, beyond the load of its model',
        millrace: `${beyond.toFixed(2)} s`,
        bare: '',
        target: `≤ ${MOST_SECONDS} s`,
        met: beyond <= MOST_SECONDS ? 'yes' : 'no',
        notes: [
          `${whole.toFixed(2)} s in all, of which the model alone takes ${own.toFixed(2)} s (Node, the TypeScript loader, its module).`,
        ],
      },
      {
        row: '11b',
        what: 'Memory of an idle API process',
        millrace: `${memory.toFixed(0)} MB`,
        bare: '',
        target: `≤ ${MOST_MEGABYTES} MB`,
        met: memory <= MOST_MEGABYTES ? 'yes' : 'no',
        notes: [],
      },
    ]
  },
}

/** Medians in seconds; a first start, which fills the caches, is thrown away. */
async function startTimes({ rounds }: RowContext): Promise<{ beyond: number; whole: number; own: number }> {
  const wholes: number[] = []
  const owns: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const [whole, own] = [await timeDev(), await timeModel()]
    if (round === 0) continue
    wholes.push(whole)
    owns.push(own)
  }
  return {
    beyond: median(wholes.map((whole, i) => whole - (owns[i] as number))),
    whole: median(wholes),
    own: median(owns),
  }
}

/** From the start of the process until the model takes jobs. */
async function timeDev(): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  const started = performance.now()
  const env = { MILLRACE_DATA_DIR: dir, MILLRACE_MODELS: NOOP, MILLRACE_PORT: '0', LOG_FORMAT: 'json' }
  const dev = spawnQuietly(process.execPath, {
    args: [MILLRACE, 'dev'],
    env,
    logFile: join(dir, 'dev.log'),
    group: true,
  })
  try {
    await dev.printed(/("msg":"A model is ready")/)
    return (performance.now() - started) / 1000
  } finally {
    await dev.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}

/** A process that does nothing but import the model. */
async function timeModel(): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  const started = performance.now()
  const args = ['--import', 'tsx', join(NOOP, 'model.ts')]
  const model = spawnQuietly(process.execPath, { args, env: {}, cwd: NOOP, logFile: join(dir, 'model.log') })
  await model.ended
  rmSync(dir, { recursive: true, force: true })
  return (performance.now() - started) / 1000
}

/** Megabytes once they no longer fall or grow by a percent from one second to the next. */
async function idleMemory(): Promise<number> {
  const stack = await startMillraceStack()
  try {
    const [pid = 0] = stack.pids.api ?? []
    let before = Number.POSITIVE_INFINITY
    const settled = () => {
      const now = residentMegabytes(pid)
      const still = Math.abs(now - before) < now / 100
      before = now
      return still ? now : undefined
    }
    return await until('the memory of the API is still', settled, { timeoutMs: 30_000, everyMs: 1000 })
  } finally {
    await stack.stop()
  }
}
