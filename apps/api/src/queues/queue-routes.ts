/** GET /v1/queues: what waits and runs of each model. */
import { queueListSchema } from '@millrace/contracts'
import type { ModelLoad, ModelState, QueueLook } from '@millrace/queue'
import { mayDo, mayUseModel } from '../http/access/principal.ts'
import type { ApiDeps } from '../http/api-deps.ts'
import { json, principalOf, type Route, type Router } from '../http/router.ts'
import { queueView } from './queue-view.ts'

const route: Route = {
  method: 'get',
  path: '/v1/queues',
  operation: 'listQueues',
  summary: 'What waits and runs of each model, and how fast',
  description: 'With the scope admin of all tenants, else your own jobs. It costs the same whatever waits.',
  tag: 'Models',
  scope: 'models:read',
  responses: { 200: json('One for each model that the key may use.', queueListSchema) },
}

/** Whole minutes of which rates are told. */
const RATE_MINUTES = 5
const MINUTE_MS = 60_000

type QueueRouteDeps = Pick<ApiDeps, 'models' | 'queues' | 'minutes'>

export function queueRoutes(router: Router, { models, queues, minutes }: QueueRouteDeps): void {
  const ratesOf = async (model: string, { nowMs }: QueueLook): Promise<{ in: number; out: number }> => {
    const now = Math.floor(nowMs / MINUTE_MS)
    const read = await minutes.read(model, now - RATE_MINUTES, now - 1)
    const rate = (of: (one: (typeof read)[number]) => number): number =>
      read.reduce((sum, one) => sum + of(one), 0) / RATE_MINUTES
    return {
      in: rate(({ submitted, reran }) => submitted + reran),
      out: rate(({ succeeded, failed, canceled }) => succeeded + failed + canceled),
    }
  }

  router.add(route, async (c) => {
    const principal = principalOf(c)
    const isForAll = mayDo(principal, 'admin')
    const loads = await models.loads()
    const usable = (await models.list()).filter(({ manifest }) => mayUseModel(principal, manifest.name))
    const names = usable.map(({ manifest }) => manifest.name)
    const own = isForAll ? [] : await models.jobsOf(principal.tenant, names)
    const tenant = isForAll ? undefined : principal.tenant
    const views = usable.map(async (seen, i) => {
      const state: ModelState = { ...seen, ...own[i] }
      const model = state.manifest.name
      const look = await queues.look(model, { pauses: state.pauses, running: state.running, tenant })
      const rates = isForAll ? await ratesOf(model, look) : undefined
      return queueView({ state, look, rates, isLoading: loads.some((load) => isLoading(load, model)) })
    })
    const data = (await Promise.all(views)).toSorted((a, b) => (a.model < b.model ? -1 : 1))
    return c.json({ object: 'list', data })
  })
}

const isLoading = ({ name, state }: ModelLoad, model: string): boolean => name === model && state === 'loading'
