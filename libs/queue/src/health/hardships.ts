/** What a Redis that answers suffers from, in words for /readyz, the log and `millrace doctor`. */
import { MEMORY_LEVELS } from '../redis/memory-levels.ts'
import type { RedisHealth } from './inspect-server.ts'

export interface Hardship {
  /** The same for as long as it lasts, whatever the figures in its text. */
  kind: 'appends' | 'snapshots' | 'rewrites' | 'full' | 'nearly full'
  /** One sentence: what is wrong, and what follows. */
  message: string
  /** How to mend it, a sentence. */
  mend: string
}

export interface Hardships {
  /** Redis refuses every change until it is mended. */
  refusals: Hardship[]
  /** Work goes on. `full` says that new work is refused. */
  warnings: Hardship[]
}

const APPENDS: Hardship = {
  kind: 'appends',
  message:
    'Redis cannot write its append-only file: it refuses every change, and loses the last ones if it crashes now.',
  mend: 'See the log of Redis, and make room on its disk.',
}
const REWRITES: Hardship = {
  kind: 'rewrites',
  message: 'The last rewrite of the append-only file of Redis failed, so the file grows.',
  mend: 'See the log of Redis, and make room on its disk.',
}
const SNAPSHOTS: Hardship = {
  kind: 'snapshots',
  message: 'The last snapshot of Redis failed.',
  mend: 'See the log of Redis, make room on its disk, or switch snapshots off (save ""): the append-only file is enough.',
}
const SNAPSHOTS_REFUSE: Hardship = {
  ...SNAPSHOTS,
  message: 'The last snapshot of Redis failed, and it is set to refuse every change until one works.',
}

export function hardshipsOf(health: Pick<RedisHealth, 'memoryShare' | 'persistence' | 'fullest'>): Hardships {
  const { memoryShare, persistence, fullest } = health
  const { appends, rewrites, snapshots, refuses } = persistence
  const refusals: Hardship[] = []
  const warnings: Hardship[] = []
  if (!appends) refusals.push(APPENDS)
  if (!snapshots && refuses && appends) refusals.push(SNAPSHOTS_REFUSE)
  else if (!snapshots) warnings.push(SNAPSHOTS)
  if (!rewrites) warnings.push(REWRITES)
  const memory = memoryHardship(memoryShare, fullest === undefined ? 'Redis' : `Redis at ${fullest}`)
  if (memory) warnings.push(memory)
  return { refusals, warnings }
}

function memoryHardship(share: number, redis: string): Hardship | undefined {
  const { crowded, full } = MEMORY_LEVELS
  const used = `${percent(share)} of its maxmemory are used`
  if (share > full) {
    const message = `${redis} is full, ${used}: submits are refused, and what was accepted goes on.`
    return { kind: 'full', message, mend: 'Raise maxmemory, shorten retention, or delete jobs.' }
  }
  if (share <= crowded) return undefined
  const message = `${redis} is nearly full, ${used}: above ${percent(full)} submits are refused.`
  return { kind: 'nearly full', message, mend: 'Raise maxmemory, shorten retention, or start more workers.' }
}

const percent = (share: number): string => `${Math.round(share * 100)} %`
