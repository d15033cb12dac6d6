/** Breaks what is planned, when it is planned, and keeps a log of it. Hits only parts that say they can work. */
import { setTimeout as wait } from 'node:timers/promises'
import type { RedisMemory } from './redis-memory.ts'
import type { ChaosRedis } from './chaos-redis.ts'
import { until } from '../../support/until.ts'
import type { PlannedFault } from '../load/plan-chaos.ts'
import type { Random } from '../load/seeded-random.ts'
import type { SupervisedPart } from './supervised-part.ts'

export interface Fault {
  kind: PlannedFault['kind']
  part: string
  /** First and last moment at which it could hit a job. Unix time in milliseconds. */
  from: number
  to: number
  /** Of `fill-redis`: submits that were refused for it (null: there were no more), and jobs that were still open when patience was over. */
  full?: { refused: number | null; open: number }
}

export interface NemesisOptions {
  faults: readonly PlannedFault[]
  random: Random
  parts: readonly SupervisedPart[]
  redis: ChaosRedis['server']
  proxy: ChaosRedis['proxy']
  /** Whether some innocent job would be poison by law if it were hit once more. */
  mustSpare(): Promise<boolean>
  lockMs: number
  /** Whether enough has ended for this moment of the plan: a slow machine is not broken into a standstill. */
  hasKeptUp(at: number): Promise<boolean>
  onFault(fault: Fault): void
  memory: RedisMemory
}

const REDIS_DOWN_MS = 1000
const REDIS_FROZEN_MS = 3000
/** At one of its moments. */
export const REPLIES_LOST = 5
/** Far beyond the grace that a drain has; then it is killed, so that the run can go on. */
export const DRAINED_WITHIN_MS = 20_000
const READY_WITHIN_MS = 120_000

/** Resolves when the last fault is over: everything runs again, or is being started. */
export async function releaseNemesis(options: NemesisOptions): Promise<void> {
  const lasting: Promise<void>[] = []
  let last = 0
  for (const fault of options.faults) {
    // From the fault before, not from the start: a slow machine is not broken faster to catch up.
    await wait(fault.at - last)
    last = fault.at
    await until('the house keeps up', () => options.hasKeptUp(fault.at), { timeoutMs: READY_WITHIN_MS, everyMs: 100 })
    const over = await BREAK[fault.kind](options)
    if (over) lasting.push(over())
  }
  await Promise.all(lasting)
}

/** Each resolves when the next fault may come; what lasts longer goes on in what it gives back. */
const BREAK: Record<Fault['kind'], (options: NemesisOptions) => Promise<void | (() => Promise<void>)>> = {
  'kill-worker': (options) => killPart(options, 'kill-worker'),
  'kill-api': (options) => killPart(options, 'kill-api'),
  'kill-redis': killRedis,
  'freeze-redis': freezeRedis,
  'lose-replies': loseReplies,
  'fill-redis': fillRedis,
  async freeze(options) {
    const part = await findVictim(options, 'worker')
    return () => freeze(options, part)
  },
  async drain(options) {
    const part = await findVictim(options, 'worker')
    return () => drain(options, part)
  },
}

async function killPart(options: NemesisOptions, kind: 'kill-worker' | 'kill-api'): Promise<void> {
  const part = await findVictim(options, kind === 'kill-api' ? 'api' : 'worker')
  const from = Date.now()
  await part.process.kill('SIGKILL')
  options.onFault({ kind, part: part.name, from, to: Date.now() })
}

/** Longer than its lock: another worker has its jobs, or is done with them, when it wakes up. */
async function freeze({ random, lockMs, onFault }: NemesisOptions, part: SupervisedPart): Promise<void> {
  const { process } = part
  const from = Date.now()
  part.held = true
  await process.kill('SIGSTOP')
  await wait(lockMs + random.between(1000, lockMs + 2000))
  await process.kill('SIGCONT')
  if (part.process === process) part.held = false
  onFault({ kind: 'freeze', part: part.name, from, to: Date.now() })
}

/** As an orchestrator does when it rolls out: the worker finishes or gives back what it holds, and ends. */
async function drain({ onFault }: NemesisOptions, part: SupervisedPart): Promise<void> {
  const { process } = part
  const from = Date.now()
  part.held = true
  const late = setTimeout(() => void process.kill('SIGKILL'), DRAINED_WITHIN_MS)
  await process.kill('SIGTERM')
  clearTimeout(late)
  onFault({ kind: 'drain', part: part.name, from, to: Date.now() })
}

async function freezeRedis({ redis, onFault }: NemesisOptions): Promise<void> {
  const from = Date.now()
  await redis.kill('SIGSTOP')
  await wait(REDIS_FROZEN_MS)
  await redis.kill('SIGCONT')
  onFault({ kind: 'freeze-redis', part: 'redis', from, to: Date.now() })
}

/** No other fault comes meanwhile; those that last go on. */
async function fillRedis({ memory, onFault }: NemesisOptions): Promise<void> {
  const from = Date.now()
  const full = await memory.fill()
  onFault({ kind: 'fill-redis', part: 'redis', from, to: Date.now(), full })
}

async function loseReplies({ proxy, onFault }: NemesisOptions): Promise<void> {
  const from = Date.now()
  await proxy.loseReplies(REPLIES_LOST)
  onFault({ kind: 'lose-replies', part: 'redis', from, to: Date.now() })
}

async function killRedis({ redis, lockMs, onFault }: NemesisOptions): Promise<void> {
  const from = Date.now()
  await redis.kill('SIGKILL')
  await wait(REDIS_DOWN_MS)
  await redis.restart()
  // Leases may have ended while it was away; their jobs are given out again within the next two.
  onFault({ kind: 'kill-redis', part: 'redis', from, to: Date.now() + 2 * lockMs })
}

/** A part that works. Of workers one is always left that works too, or nothing would be in hand to be broken. */
function findVictim(
  { parts, random, mustSpare }: NemesisOptions,
  role: SupervisedPart['role'],
): Promise<SupervisedPart> {
  const candidates = parts.filter((part) => part.role === role)
  const left = role === 'worker' ? 1 : 0
  return until(
    `a ${role} can be broken`,
    async () => {
      const readiness = await Promise.all(candidates.map((part) => part.isReady()))
      const ready = candidates.filter((_, i) => readiness[i])
      return ready.length <= left || (await mustSpare()) ? undefined : random.pick(ready)
    },
    { timeoutMs: READY_WITHIN_MS, everyMs: 100 },
  )
}
