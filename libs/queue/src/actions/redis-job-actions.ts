/** Actions on many jobs, in Redis: a note of each, and a part in the shard of every model that it is about. Made by openQueue. */
import { pause } from '@millrace/async'
import {
  isoTime,
  type JobAction,
  jobActionIdSchema,
  type JobFilter,
  type JobId,
  SKIP_REASONS,
} from '@millrace/contracts'
import type { TenantStore } from '../ports/access/tenant-store.ts'
import type {
  ActionPart,
  ActionTurn,
  JobActionReader,
  JobActions,
  JobActionUpkeep,
  OpenJobAction,
} from '../ports/bulk/job-actions.ts'
import { ACTIONS_PREFIX, actionsOf, newJobActionId, prefixOfModel } from '../redis/keys.ts'
import { newestPage } from '../redis/newest-entries.ts'
import { type Ask, redisNow, type RedisClient } from '../redis/redis-client.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import { answersOf } from '../redis/replies-of.ts'
import type { RunScript } from '../scripts/define-scripts.ts'
import { modelsOf } from '../search/job-search.ts'
import { countByIndex, findTurn } from './find-turn.ts'

interface JobActionParts {
  redis: RedisClient
  run: RunScript
  tenants: Pick<TenantStore, 'get' | 'jobsOf'>
  /** What holds where nothing was set for a tenant. */
  limits: { tenantJobs: number; modelJobs: number }
  process: string
}

export class RedisJobActions implements JobActions, JobActionUpkeep {
  readonly #redis: RedisClient
  readonly #run: RunScript
  readonly #parts: JobActionParts

  constructor(parts: JobActionParts) {
    this.#redis = parts.redis
    this.#run = parts.run
    this.#parts = parts
  }

  async begin(...[wish]: Parameters<JobActions['begin']>): ReturnType<JobActions['begin']> {
    const { tenant, action, filter, isDry: dry, expect } = wish
    const models = await modelsOf(this.#redis, { tenant, filter, models: wish.models })
    const id = newJobActionId()
    const { process } = this.#parts
    const { outcome } = await this.#run('actions/open', { id, tenant, action, filter, dry, models, expect, process })
    return outcome === 'begun' ? { outcome, id } : { outcome }
  }

  async get(id: string, { tenant, models }: JobActionReader): Promise<JobAction | undefined> {
    const note = await this.#note(id)
    if (note?.tenant !== tenant || !mayRead(note, models)) return undefined
    return this.#view(id, note)
  }

  async list(...[{ tenant, models }, page]: Parameters<JobActions['list']>): ReturnType<JobActions['list']> {
    const own = await newestPage(this.#redis, async () => [actionsOf(tenant)], {
      ...page,
      ids: ACTION_ID,
      cursor: page.cursor,
    })
    const views = own.page.map(async ({ id }) => {
      const note = await this.#note(id)
      return note?.tenant === tenant && mayRead(note, models) ? [await this.#view(id, note)] : []
    })
    return { actions: (await Promise.all(views)).flat(), nextCursor: own.nextCursor }
  }

  async stop(id: string): Promise<void> {
    await this.#run('actions/stop', { id })
  }

  async open(): Promise<OpenJobAction[]> {
    const ids = await orUnavailable(() => this.#redis.zrange(`${ACTIONS_PREFIX}open`, '0', '-1'))
    const all = await Promise.all(ids.map((id) => this.going(id)))
    return all.filter((one) => one !== undefined)
  }

  async going(id: string): Promise<OpenJobAction | undefined> {
    const note = await this.#note(id)
    if (note === undefined || note.doneMs !== undefined) return undefined
    const { tenant, action, filter, models } = note
    return { id, tenant, action, filter, models }
  }

  take(id: string): ReturnType<JobActionUpkeep['take']> {
    return this.#run('actions/take', { id, process: this.#parts.process })
  }

  async part({ id }: OpenJobAction, model: string): Promise<ActionPart> {
    const part = await this.#run('actions/begin', { model, id })
    // What is submitted in the rest of that millisecond is one of those that are there: so it has to be over.
    while ((await orUnavailable(() => redisNow(this.#redis, prefixOfModel(model)))) <= part.untilMs) await pause(1)
    return { model, ...part }
  }

  countByIndex(action: OpenJobAction, part: ActionPart): Promise<number | undefined> {
    return countByIndex({ redis: this.#redis, run: this.#run }, action, part)
  }

  find(action: OpenJobAction, part: ActionPart, after: string): Promise<ActionTurn> {
    return findTurn({ redis: this.#redis, run: this.#run }, action, part, after)
  }

  counted(id: string, matched: number): ReturnType<JobActionUpkeep['counted']> {
    return this.#run('actions/counted', { id, matched })
  }

  async act(...[action, part, turn]: Parameters<JobActionUpkeep['act']>): ReturnType<JobActionUpkeep['act']> {
    const { id, tenant, action: what } = action
    const { isDone, purged } = await this.#run('actions/act', {
      ...{ model: part.model, id, tenant, action: what, after: part.at },
      ...{ next: turn.next, last: turn.isLast, unread: turn.unread, jobs: turn.jobs },
      ...{
        most: what === 'retry' ? await this.#mostOpen(tenant, part.model) : 0,
        model_limit: this.#parts.limits.modelJobs,
      },
    })
    return { isDone, purged: purged as JobId[] }
  }

  async halt({ id }: OpenJobAction, model: string): Promise<void> {
    await this.#run('actions/halt', { model, id })
  }

  async close({ id, tenant, models }: OpenJobAction): Promise<JobAction | undefined> {
    const note = await this.#note(id)
    if (!note) return undefined
    const counts = await this.#countsOf(id, note)
    const seen = counts.done + counts.skipped + counts.failed
    const gone = note.status === 'running' ? Math.max(0, (note.matched ?? 0) - seen) : 0
    if (gone > 0) {
      counts.skipped += gone
      counts.skipped_by.changed = (counts.skipped_by.changed ?? 0) + gone
    }
    if (!(await this.#run('actions/close', { id, counts }))) return undefined
    await answersOf(
      this.#redis,
      models.map(
        (model): Ask =>
          (to) =>
            to.del(partKey(model, id)),
      ),
    )
    return this.get(id, { tenant })
  }

  /** How many jobs the tenant may have open in that model, with those that it has in others. */
  async #mostOpen(tenant: string, model: string): Promise<number> {
    const { tenants, limits } = this.#parts
    const [kept, open] = await Promise.all([tenants.get(tenant), tenants.jobsOf(tenant)])
    const others = open.filter((one) => one.model !== model)
    const limit = kept?.settings.open_jobs ?? limits.tenantJobs
    return Math.max(0, limit - others.reduce((sum, { queued, running }) => sum + queued + running, 0))
  }

  async #note(id: string): Promise<Note | undefined> {
    if (!jobActionIdSchema.safeParse(id).success) return undefined
    const hash = await orUnavailable(() => this.#redis.hgetall(`${ACTIONS_PREFIX}note:${id}`))
    return hash['created_at'] === undefined ? undefined : toNote(hash)
  }

  async #view(id: string, note: Note): Promise<JobAction> {
    const { action, filter, isDry, status, expect, matched, createdMs, doneMs } = note
    return {
      ...{ object: 'job_action', id, action, filter, dry_run: isDry, status },
      ...{ expect_count: expect ?? null, matched: matched ?? null },
      ...(note.counts ?? (await this.#countsOf(id, note))),
      created_at: isoTime(createdMs),
      finished_at: doneMs === undefined ? null : isoTime(doneMs),
    }
  }

  /** What all parts of one that goes on have counted. */
  async #countsOf(id: string, { models }: Note): Promise<Counts> {
    const skips = SKIP_REASONS.map((reason) => `skipped ${reason}`)
    const asks = models.map(
      (model): Ask =>
        (to) =>
          to.hmget(partKey(model, id), 'done', 'stopping', 'failed', ...skips),
    )
    const parts = (await answersOf(this.#redis, asks)) as (string | null)[][]
    const sum = (n: number): number => parts.reduce((all, part) => all + Number(part[n] ?? 0), 0)
    const by = SKIP_REASONS.map((reason, n) => [reason, sum(n + 3)] as const).filter(([, count]) => count > 0)
    const skipped = by.reduce((all, [, count]) => all + count, 0)
    return { done: sum(0), stopping: sum(1), failed: sum(2), skipped, skipped_by: Object.fromEntries(by) }
  }
}

type Counts = Pick<JobAction, 'done' | 'stopping' | 'failed' | 'skipped' | 'skipped_by'>

interface Note extends Pick<JobAction, 'action' | 'status'> {
  tenant: string
  filter: JobFilter
  models: string[]
  isDry: boolean
  expect: number | undefined
  matched: number | undefined
  /** Of one that has ended. */
  counts: Counts | undefined
  createdMs: number
  doneMs: number | undefined
}

const ACTION_ID = /^act_[0-9a-z]{26}$/

const partKey = (model: string, id: string): string => `${prefixOfModel(model)}action:${id}`

const mayRead = ({ models }: Note, only: ReadonlySet<string> | undefined): boolean =>
  only === undefined || models.every((name) => only.has(name))

function toNote(hash: Record<string, string>): Note {
  const { tenant = '', filter = '{}', models = '[]', counts } = hash
  const number = (text: string | undefined): number | undefined => (text ? Number(text) : undefined)
  return {
    ...{ tenant, action: hash['action'] as Note['action'], status: hash['status'] as Note['status'] },
    ...{ filter: JSON.parse(filter) as JobFilter, models: JSON.parse(models) as string[], isDry: hash['dry'] === '1' },
    ...{ expect: number(hash['expect']), matched: number(hash['matched']) },
    counts: counts === undefined ? undefined : (JSON.parse(counts) as Counts),
    ...{ createdMs: Number(hash['created_at']), doneMs: number(hash['done_at']) },
  }
}
