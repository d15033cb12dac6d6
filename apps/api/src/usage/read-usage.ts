/** Reads what was used, model by model and tenant by tenant, and adds it up. Called by usage-routes.ts. */
import { forEachLimited } from '@millrace/async'
import { ProblemError, type Usage } from '@millrace/contracts'
import type { UsageStore } from '@millrace/queue'
import { mayUseModel, type Principal } from '../http/access/principal.ts'
import { UsageSum } from './usage-sum.ts'
import type { UsageQuery } from './usage-query.ts'

/** Questions to Redis at once, and for one answer; each is at most about a hundred buckets of one tenant. */
const AT_ONCE = 8
const MOST_QUESTIONS = 20_000
const MOST_ROWS = 20_000

/** Throws ProblemError `invalid_request` when it would be too much for one answer. */
export async function readUsage(store: UsageStore, principal: Principal, query: UsageQuery): Promise<Usage> {
  const { from, to, by, days } = query
  const sum = new UsageSum(by)
  const known = query.model === undefined ? await store.models() : [query.model]
  const pairs = await pairsOf(
    store,
    known.filter((model) => mayUseModel(principal, model)),
    query,
  )
  await forEachLimited(pairs, AT_ONCE, async ({ model, tenant }) => {
    for (let next: number | undefined = days.from; next !== undefined && next <= days.to; ) {
      const page = await store.read(model, tenant, { from: next, to: days.to })
      for (const bucket of page.buckets) sum.add({ model, tenant, bucket })
      if (sum.size > MOST_ROWS) throw tooMuch(`${MOST_ROWS} rows`)
      next = page.next
    }
  })
  return { object: 'usage', from, to, by, data: sum.rows(), total: sum.total }
}

interface Pair {
  model: string
  tenant: string
}

async function pairsOf(store: UsageStore, models: readonly string[], { tenant, days }: UsageQuery): Promise<Pair[]> {
  if (tenant !== undefined) return models.map((model) => ({ model, tenant }))
  const pairs: Pair[] = []
  await forEachLimited(models, AT_ONCE, async (model) => {
    for (const one of await store.tenants(model, days)) pairs.push({ model, tenant: one })
    if (pairs.length > MOST_QUESTIONS) throw tooMuch(`${MOST_QUESTIONS} tenants of models`)
  })
  return pairs
}

const tooMuch = (what: string): ProblemError =>
  new ProblemError('invalid_request', {
    detail: `This is more than ${what}: ask for fewer days, for one model or tenant, or for fewer groups in \`by\`.`,
  })
