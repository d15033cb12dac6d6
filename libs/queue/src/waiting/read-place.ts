/** Where a job waits, or would wait if it were submitted now; see placeOf. Called by RedisJobStore. */
import type { JobRecord } from '@millrace/contracts'
import type { RedisClient } from '../redis/redis-client.ts'
import type { NewJob } from '../ports/job-intake.ts'
import type { QueuePlace } from '../ports/job-reader.ts'
import { prefixOfJob } from '../redis/keys.ts'
import { repliesOf } from '../redis/replies-of.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import { HEAD_STARTS_MS } from '../scripts/contract/script-constants.ts'
import { isSpent, leftField } from './left-of-day.ts'
import type { LineView } from './line-view.ts'
import type { LineViews } from './line-views.ts'
import { placeOf, type Standing } from './place-of.ts'
import { restingAt, toPolicy } from './read-line.ts'

export interface PlaceDeps {
  redis: RedisClient
  views: LineViews
}

/** Undefined when it has left the line since the record was read. */
export async function readPlace(deps: PlaceDeps, { id, line, tenant }: JobRecord): Promise<QueuePlace | undefined> {
  const prefix = prefixOfJob(id)
  const view = await deps.views.of(prefix, line)
  const replies = await orUnavailable(() =>
    withTenant(
      deps.redis
        .pipeline()
        .zrank(`${prefix}wait:${line}:${tenant}`, id)
        .zscore(`${prefix}later`, id)
        .zscore(`${prefix}suspect:${line}`, id)
        .hmget(`${prefix}job:${id}`, 'rank', 'created_us'),
      { prefix, line, tenant },
      view,
    ).exec(),
  )
  const [inRow, later, suspect, [ownRank, createdUs], ...rest] = repliesOf(replies) as [
    number | null,
    string | null,
    string | null,
    [string | null, string | null],
    ...TenantReplies,
  ]
  if (inRow === null && later === null && suspect === null) return undefined
  const where = inRow !== null ? 'row' : later !== null ? 'later' : 'suspect'
  const ofTenant = toTenant(rest, deps.views, view)
  const counted = await countBefore(deps.redis, view, {
    prefix,
    line,
    tenant,
    // Kept only where it is not the time of its submit.
    rank: ownRank ?? createdUs ?? '0',
    isInRow: inRow !== null,
  })
  const dueMs = later === null ? 0 : Math.max(0, Number(later) - ofTenant.now)
  return placeOf(view, { tenant, where, dueMs, ...ofTenant, ...counted, before: inRow ?? counted.before })
}

/** Where a job would wait if it were submitted now, and whether it would probably start too late. */
export async function readWouldBe(deps: PlaceDeps, job: NewJob): Promise<{ place: QueuePlace; isLate: boolean }> {
  const { line, tenant } = job
  const prefix = prefixOfJob(job.id)
  const view = await deps.views.of(prefix, line)
  const replies = await orUnavailable(() => withTenant(deps.redis.pipeline(), { prefix, line, tenant }, view).exec())
  const ofTenant = toTenant(repliesOf(replies) as TenantReplies, deps.views, view)
  const dueMs = Math.max(0, (job.runAt ?? 0) - ofTenant.now)
  // As `keep` in submit.lua has it. Microseconds.
  const rank = String((ofTenant.now + dueMs - HEAD_STARTS_MS[job.priority]) * 1000)
  const counted = await countBefore(deps.redis, view, { prefix, line, tenant, rank, isInRow: false })
  const place = placeOf(view, { tenant, where: dueMs > 0 ? 'later' : 'row', dueMs, ...ofTenant, ...counted })
  return { place, isLate: place.eta !== null && place.eta.p50 > dueMs / 1000 + job.expiresInSeconds }
}

interface Row {
  prefix: string
  line: string
  tenant: string
}

type Pipeline = ReturnType<RedisClient['pipeline']>
type TenantReplies = [
  time: [string, string],
  turn: string | null,
  capped: string | null,
  rested: string | null,
  pace: [clock: string | null, shift: string | null],
  policy: [policy: string | null, left: string | null],
  running: number,
  ...beside: (string | null)[],
]

function withTenant(pipeline: Pipeline, { prefix, line, tenant }: Row, { beside }: LineView): Pipeline {
  pipeline
    .time()
    .zscore(`${prefix}turn:${line}`, tenant)
    .zscore(`${prefix}capped:${line}`, tenant)
    .zscore(`${prefix}rested`, tenant)
    .hmget(`${prefix}pace:${line}`, 'clock', 'shift')
    .hmget(`${prefix}policy`, tenant, leftField(tenant))
    .zcard(`${prefix}index:${tenant}:running`)
  for (const one of beside) {
    pipeline.zscore(`${prefix}turn:${one.line}`, tenant).zscore(`${prefix}capped:${one.line}`, tenant)
  }
  return pipeline
}

type OfTenant = Pick<Standing, 'used' | 'weight' | 'cap' | 'running' | 'isSpent'> & { now: number }

/**
 * A tenant has one turn: who is not in the line yet, and waits beside it, stands as it does there. Who waits nowhere begins where
 * the line is. See `join_turn` in shares/prelude.lua.
 */
function toTenant(
  [time, turn, capped, rested, [clock, shift], [policy, left], running, ...elsewhere]: TenantReplies,
  { timeOf }: LineViews,
  { beside }: LineView,
): OfTenant {
  const now = timeOf(time)
  const waits = beside.flatMap(({ apart }, i) => {
    const there = elsewhere[2 * i] ?? elsewhere[2 * i + 1] ?? null
    return there === null ? [] : [Number(there) + apart]
  })
  const used = turn ?? capped ?? waits[0] ?? restingAt(rested, Number(shift ?? 0), Number(clock ?? 0))
  return { now, used: Number(used), running, ...toPolicy(policy), isSpent: isSpent(left, now) }
}

/** Jobs with a lower rank: in the row of the tenant, if its place there is not known, and in the lines of the same workers. */
async function countBefore(
  redis: RedisClient,
  { beside }: LineView,
  { prefix, line, tenant, rank, isInRow }: Row & { rank: string; isInRow: boolean },
): Promise<Pick<Standing, 'before' | 'ownBeside'>> {
  if (isInRow && beside.length === 0) return { before: 0, ownBeside: 0 }
  const pipeline = redis.pipeline()
  for (const name of [line, ...beside.map((one) => one.line)]) {
    pipeline.zcount(`${prefix}wait:${name}:${tenant}`, '-inf', `(${rank}`)
  }
  const [before, ...counts] = repliesOf(await orUnavailable(() => pipeline.exec())) as [number, ...number[]]
  const ownBeside = beside.reduce((sum, { share }, i) => sum + share * (counts[i] as number), 0)
  return { before, ownBeside }
}
