/**
 * Fills a line to growing depths, and compares at each what the operations cost there and on a short line, in turns on the
 * same machine. Called by the row about depth.
 */
import { readFileSync } from 'node:fs'
import { redisCpuSeconds } from '../../measure/cpu-clock.ts'
import { redisBytes } from '../../measure/redis-memory.ts'
import { type Figures, type Measured, takeTurns } from '../../measure/take-turns.ts'
import { DEPTH_OPERATIONS } from './depth-operations.ts'
import { JobLine } from './job-line.ts'
import { LEAST_DEPTH as SHORT } from '../../bench-options.ts'

/** Names of the variants. */
export const [SHALLOW, DEEP] = ['short line', 'long line']

export interface DepthPlan {
  /** The longest line. */
  depth: number
  rounds: number
  /** Of each operation in a round. */
  operations: number
}

export interface AtDepth {
  depth: number
  measured: Measured
  /** Of Redis, per waiting job, its input included. */
  bytes: number
}

/** What was measured, shortest line first, and where it had to stop for want of memory, if it had. */
export async function measureDepth(plan: DepthPlan): Promise<{ depths: AtDepth[]; stopped?: string }> {
  const [shallow, deep] = [await JobLine.open(), await JobLine.open()]
  const depths: AtDepth[] = []
  try {
    await Promise.all([shallow.fill(SHORT), deep.fill(SHORT)])
    const least = await redisBytes(deep.redis)
    for (const depth of depthsUpTo(plan.depth)) {
      const bytes = depths.at(-1)?.bytes
      if (bytes !== undefined && bytes * (depth - deep.depth) > freeBytes() / 2)
        return { depths, stopped: `${depth} would take ${((bytes * depth) / 1e9).toFixed(1)} GB` }
      await deep.fill(depth)
      const perJob = ((await redisBytes(deep.redis)) - least) / (depth - SHORT)
      depths.push({ depth, bytes: perJob, measured: await compare(plan, shallow, deep) })
    }
  } finally {
    await Promise.all([shallow.stop(), deep.stop()])
  }
  return { depths }
}

/** Ten times the short line, and so on, and the longest. */
export function depthsUpTo(most: number): number[] {
  const depths: number[] = []
  for (let depth = SHORT * 10; depth < most; depth *= 10) depths.push(depth)
  return [...depths, most]
}

function compare({ rounds, operations }: DepthPlan, shallow: JobLine, deep: JobLine): Promise<Measured> {
  const variant = (name: string, line: JobLine) => ({ name, round: () => roundOn(line, operations) })
  return takeTurns([variant(SHALLOW, shallow), variant(DEEP, deep)], rounds)
}

/** Of each operation: CPU of Redis and time that passed, in µs for one. */
async function roundOn(line: JobLine, operations: number): Promise<Figures> {
  const figures: Figures = {}
  for (const { name, times = 1, prepare, act } of DEPTH_OPERATIONS) {
    const count = operations * times
    const prepared = await prepare?.(line, count)
    const [cpu, started] = [await redisCpuSeconds(line.redis), performance.now()]
    await act(line, count, prepared)
    const passed = performance.now() - started
    figures[`${name}Us`] = (((await redisCpuSeconds(line.redis)) - cpu) * 1e6) / count
    figures[`${name}PassedUs`] = (passed * 1000) / count
  }
  return figures
}

/** What the system could give to a process now. Linux only. */
const freeBytes = (): number =>
  Number(/^MemAvailable: +(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) * 1024
