/** Breaks what is planned, when it is planned, and keeps a log of it. Hits only parts that say they can work. */
import { setTimeout as wait } from 'node:timers/promises'
import type { TestRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'
import type { PlannedFault } from './plan-chaos.ts'
import type { Random } from './seeded-random.ts'
import type { SupervisedPart } from './supervised-part.ts'

export interface Fault {
  kind: PlannedFault['kind']
  part: string
  /** First and last moment at which it could hit a job. Unix time in milliseconds. */
  from: number
  to: number
}

export interface NemesisOptions {
  faults: readonly PlannedFault[]
  random: Random
  parts: readonly SupervisedPart[]
  redis: TestRedis
  /** Whether some innocent job would be poison by law if it were hit once more. */
  mustSpare(): Promise<boolean>
  lockMs: number
  onFault(fault: Fault): void
}

const REDIS_DOWN_MS = 1000
const READY_WITHIN_MS = 120_000

/** Resolves when the last fault is over: everything runs again, or is being started. */
export async function releaseNemesis(options: NemesisOptions): Promise<void> {
  const lasting: Promise<void>[] = []
  let last = 0
  for (const fault of options.faults) {
    // From the fault before, not from the start: a slow machine is not broken faster to catch up.
    await wait(fault.at - last)
    last = fault.at
    if (fault.kind === 'kill-redis') await killRedis(options)
    else if (fault.kind === 'freeze') lasting.push(freeze(options, await findVictim(options, 'worker')))
    else await killPart(options, fault.kind)
  }
  await Promise.all(lasting)
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
  part.frozen = true
  await process.kill('SIGSTOP')
  await wait(lockMs + random.between(1000, lockMs + 2000))
  await process.kill('SIGCONT')
  if (part.process === process) part.frozen = false
  onFault({ kind: 'freeze', part: part.name, from, to: Date.now() })
}

async function killRedis({ redis, lockMs, onFault }: NemesisOptions): Promise<void> {
  const from = Date.now()
  await redis.kill('SIGKILL')
  await wait(REDIS_DOWN_MS)
  await redis.restart()
  // Locks ran out while it was away; their jobs are delivered again within the next two.
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
