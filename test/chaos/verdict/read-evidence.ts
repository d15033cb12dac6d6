/** Reads what a chaos run left in Redis and on disk, with a plain client and plain files, so nothing is taken on trust. */
import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { JOB_STATUSES, type JobEvent, type JobStatus, type StoredFile, tagOfJobId } from '@millrace/contracts'
import type { Redis } from 'ioredis'
import type { RunNotes } from '../run-notes.ts'
import type { Evidence, FileEvidence, JobEvidence } from './evidence.ts'
import { type PlannedJob, TENANTS } from '../load/plan-chaos.ts'
import { bytesOf, logOf, outputOf, SUFFIX } from './output-and-log.ts'

export interface EvidenceSource {
  redis: Redis
  /** Where objects are: the folder `files` of the data folder. */
  objects: string
  jobs: readonly PlannedJob[]
  notes: Pick<RunNotes, 'accepted' | 'acceptedBy' | 'cancels'>
}

type Read = Omit<Evidence, 'faults' | 'ends' | 'webhooks'>

const AT_ONCE = 250

export async function readEvidence({ redis, objects, jobs, notes }: EvidenceSource): Promise<Read> {
  const { accepted, acceptedBy, cancels } = notes
  const first = [...accepted.values()][0]?.[0]
  if (first === undefined) throw new Error('no job was accepted')
  const prefix = prefixOf(first)
  const found: JobEvidence[] = []
  for (let i = 0; i < jobs.length; i += AT_ONCE) {
    found.push(...(await Promise.all(jobs.slice(i, i + AT_ONCE).map((job) => readJob(job)))))
  }

  async function readJob(plan: PlannedJob): Promise<JobEvidence> {
    const ids = accepted.get(plan.n) ?? []
    const id = ids[0] ?? ''
    const [record, entries] = await Promise.all([
      redis.hgetall(`${prefix}job:${id}`),
      redis.xrange(`${prefix}events:${id}`, '-', '+'),
    ])
    const events = (await logOf(objects, record, entries)).map(([at, json]) => ({
      at: Number(at.split('-')[0]),
      event: JSON.parse(json) as JobEvent,
    }))
    const stored = JSON.parse(record.output_files || '[]') as StoredFile[]
    const files = await Promise.all(stored.map((file) => readObject(objects, file)))
    const output = await outputOf(objects, record)
    const told = { acceptedBy: acceptedBy.get(plan.n), cancel: cancels.get(plan.n) }
    return { plan, ids, record, output, events, files, ...told }
  }

  const bare = async (pattern: string): Promise<string[]> =>
    (await redis.keys(`${prefix}${pattern}*`)).map((key) => key.slice(prefix.length + pattern.length))
  const index = JOB_STATUSES.map(async (status) => [status, await membersOf(redis, indexKeys(prefix, status))] as const)
  return {
    jobs: found,
    recordIds: await bare('job:'),
    idempotencyKeys: (await bare('idem:')).length,
    webhooksOwed: await webhooksOwed(redis, prefix),
    webhookSecret: await secretOf(redis, 'default'),
    open: await redis.zrange(`${prefix}open`, '0', '-1'),
    ...(await handOutOf(redis, prefix)),
    index: Object.fromEntries(await Promise.all(index)),
    counts: await redis.hgetall(`${prefix}counts`),
    used: await usedOf(redis, prefix),
    objects: await keysBelow(objects),
  }
}

async function usedOf(redis: Redis, prefix: string): Promise<Evidence['used']> {
  const used: Record<string, string[]> = {}
  for (const key of await redis.keys(`${prefix}usage:*`)) {
    const tenant = key.slice(key.lastIndexOf(':') + 1)
    used[tenant] = [...(used[tenant] ?? []), ...(await redis.hvals(key))]
  }
  return used
}

/** Prefix of every key of the model that a job belongs to. */
export const prefixOf = (id: string): string => `{mr:${tagOfJobId(id)}}:`

/** The index of each tenant. */
export const indexKeys = (prefix: string, status: JobStatus): string[] =>
  ['default', ...TENANTS].map((tenant) => `${prefix}index:${tenant}:${status}`)

/** Jobs that wait in a row, for their time, or as suspects; those that a worker has; and how many each line says wait in it. */
export async function handOutOf(
  redis: Redis,
  prefix: string,
): Promise<Pick<Evidence, 'waiting' | 'leases' | 'lineCounts'>> {
  const rows = await Promise.all(['wait:*', 'suspect:*', 'later'].map((name) => redis.keys(prefix + name)))
  return {
    waiting: await membersOf(redis, rows.flat()),
    leases: await redis.zrange(`${prefix}lease`, '0', '-1'),
    lineCounts: await redis.hgetall(`${prefix}lines`),
  }
}

export const membersOf = async (redis: Redis, sets: readonly string[]): Promise<string[]> =>
  (await Promise.all(sets.map((key) => redis.zrange(key, '0', '-1')))).flat()

/** Events that are not yet deliveries, and deliveries that have not ended. */
export const webhooksOwed = async (redis: Redis, prefix: string): Promise<number> =>
  (await redis.zcard(`${prefix}outbox`)) + (await redis.zcard(`${prefix}undelivered`))

async function secretOf(redis: Redis, tenant: string): Promise<string> {
  const settings = (await redis.hget('{mr:webhooks}:hooks', tenant)) ?? '{}'
  return (JSON.parse(settings) as { secret?: { current: string } }).secret?.current ?? ''
}

async function readObject(root: string, stored: StoredFile): Promise<FileEvidence> {
  const bytes = await bytesOf(root, stored.key, stored.size)
  return { stored, ...(bytes && { bytes }) }
}

async function keysBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(SUFFIX))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/').slice(0, -SUFFIX.length))
}
