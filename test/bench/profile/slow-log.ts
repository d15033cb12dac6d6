/** The slow log of Redis as a clock of scripts: what each call took, by the name of its script. Called by profileLoad. */
import type { Redis } from 'ioredis'
import { quantile } from '../measure/median.ts'
import { isScript } from './command-stats.ts'

/** Below this a call is not noted: it would cost more to note the commands inside of scripts than they take. */
const LEAST_US = 5
const MOST_ENTRIES = 200_000

/** As Redis answers it: number, time, µs, the command with its arguments, who sent it. */
type Entry = [number, number, number, string[], string, string]

export interface ScriptCost {
  name: string
  calls: number
  p50Us: number
  p99Us: number
  /** Of all calls together. */
  us: number
}

/** Ours are called by the name of their script and a hash: `mr_handout_take_0123456789abcdef`. */
const nameOfFunction = (name: string): string =>
  /^mr_(.+)_[0-9a-f]{16}$/.exec(name)?.[1]?.replace('_', '/') ?? 'script of no known name'

export async function startSlowLog(redis: Redis): Promise<void> {
  await redis.config('SET', 'slowlog-max-len', String(MOST_ENTRIES))
  await redis.config('SET', 'slowlog-log-slower-than', String(LEAST_US))
  await redis.slowlog('RESET')
}

/** Ends it, and gives what it holds. */
export async function readSlowLog(redis: Redis, names: ReadonlyMap<string, string>): Promise<ScriptCost[]> {
  await redis.config('SET', 'slowlog-log-slower-than', '-1')
  const entries = (await redis.slowlog('GET', MOST_ENTRIES)) as Entry[]
  await redis.slowlog('RESET')
  return costsOf(entries, names)
}

/** By script, the dearest first. Commands that a script has sent have no address, and belong to it. */
export function costsOf(entries: readonly Entry[], names: ReadonlyMap<string, string>): ScriptCost[] {
  const times = new Map<string, number[]>()
  for (const [, , us, [command = '', hash = ''], sender] of entries) {
    if (sender.startsWith('?')) continue
    const script = isScript(command.toLowerCase()) ? (names.get(hash) ?? nameOfFunction(hash)) : undefined
    const name = script ?? command.toLowerCase()
    times.set(name, [...(times.get(name) ?? []), us])
  }
  const costs = [...times].map(([name, all]) => ({
    name,
    calls: all.length,
    p50Us: quantile(all, 0.5),
    p99Us: quantile(all, 0.99),
    us: all.reduce((sum, us) => sum + us, 0),
  }))
  return costs.sort((a, b) => b.us - a.us)
}
