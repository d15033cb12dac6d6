/** What a chaos run happens on: a Redis of some kind, the parts, and who is told by webhook. Called by runChaos. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/servers/redis-server.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../support/servers/webhook-receiver.ts'
import { until } from '../support/until.ts'
import type { ChaosOptions } from './chaos-options.ts'
import { type ChaosRedis, openChaosRedis } from './faults/chaos-redis.ts'
import { TENANT_WEIGHTS, TENANTS } from './load/plan-chaos.ts'
import { type PartEnd, type SupervisedPart, superviseNew } from './faults/supervised-part.ts'

export interface Stage {
  redis: ChaosRedis
  receiver: WebhookReceiver
  parts: readonly SupervisedPart[]
  /** Where the parts keep objects. */
  objects: string
}

export interface StageOptions {
  /** For all that is written to disk. */
  folder: string
  /** Gets the ways to end what was started, to be called last first; also when the start fails half-way. */
  closing: (() => unknown)[]
  /** Hears of every end of a part that nobody asked for. */
  onEnd(end: PartEnd): void
}

const folderOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const VERSIONS = [folderOf('../models/chaos'), folderOf('../models/chaos-next')]
const CLOCK = new URL('faults/wrong-clock.mjs', import.meta.url)
/** How far ahead the clocks of the workers are, one after the other. Both versions have a right clock and wrong ones. */
const DAYS_AHEAD = [0, 2, -3, 0]

/** Resolves when all parts are ready. */
export async function startStage(options: ChaosOptions, { folder, closing, onEnd }: StageOptions): Promise<Stage> {
  const redis = await openChaosRedis(options.redis, folder, closing)
  const receiver = await startWebhookReceiver()
  closing.push(() => receiver.close())
  refuseSome(receiver)
  const data = join(folder, 'data')
  const parts = await startParts(options, { redisUrl: redis.url, data, folder, onEnd })
  closing.push(() => Promise.all(parts.map((part) => part.stop())))
  await allReady(parts)
  return { redis, receiver, parts, objects: join(data, 'files') }
}

/** One in thirty jobs is told of in vain the first time. */
function refuseSome(receiver: WebhookReceiver): void {
  const refused = new Set<string>()
  receiver.answer = ({ path }) => {
    if (!path.endsWith('7') || Number(path.split('/').at(-1)) % 3 > 0 || refused.has(path)) return 204
    refused.add(path)
    return 503
  }
}

interface PartsSetting {
  redisUrl: string
  /** What all parts share. */
  data: string
  /** Where their logs go. */
  folder: string
  onEnd(end: PartEnd): void
}

async function startParts(
  options: ChaosOptions,
  { redisUrl, data, folder, onEnd }: PartsSetting,
): Promise<SupervisedPart[]> {
  const env = {
    REDIS_URL: redisUrl,
    MILLRACE_DATA_DIR: data,
    MILLRACE_LOCK_SECONDS: String(options.lockSeconds),
    MILLRACE_DRAIN_SECONDS: String(options.drainSeconds),
    MILLRACE_WEBHOOK_ALLOW_HOSTS: '127.0.0.1',
    MILLRACE_TENANT_WEIGHTS: TENANTS.map((tenant) => `${tenant}=${TENANT_WEIGHTS[tenant]}`).join(','),
  }
  const roles = [...Array<'api'>(options.apis).fill('api'), ...Array<'worker'>(options.workers).fill('worker')]
  const ports: number[] = []
  for (const _ of roles) ports.push(await freePort())
  return roles.map((role, i) => {
    const name = `${role}-${i + 1}`
    const own = role === 'worker' ? workerEnv(i - options.apis) : {}
    return superviseNew({
      name,
      role,
      port: ports[i]!,
      env: { ...env, ...own },
      logFile: join(folder, `${name}.log`),
      onEnd,
    })
  })
}

/** Workers have the versions by turns. */
function workerEnv(i: number): Record<string, string> {
  const days = DAYS_AHEAD[i % DAYS_AHEAD.length]!
  return {
    MILLRACE_MODELS: VERSIONS[i % VERSIONS.length]!,
    ...(days === 0 ? {} : { NODE_OPTIONS: `--import ${CLOCK.href}?days=${days}` }),
  }
}

export const allReady = (parts: readonly SupervisedPart[]): Promise<boolean> =>
  until('all parts are ready', async () => (await Promise.all(parts.map((part) => part.isReady()))).every(Boolean), {
    timeoutMs: 180_000,
    everyMs: 100,
  })
