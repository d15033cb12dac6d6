/** Predictions and trainings as Cog's server takes them: waited for, at once (`Prefer: respond-async`), as a stream, and by id. */
import { isTerminal, type JobKind, type JobRecord, ProblemError } from '@millrace/contracts'
import { CogEvents, type CogPrediction, knownInputs, toCogPrediction } from '@millrace/dialects'
import { streamJob } from '../../events/event-routes.ts'
import { acceptedStream, type Wire } from '../../events/event-wire.ts'
import type { ApiContext } from '../../http/api-deps.ts'
import { linkBase } from '../../http/links.ts'
import { principalOf, tenantOf, type UnlistedRoute } from '../../http/router.ts'
import { mayUseModel } from '../../http/access/principal.ts'
import { findModel } from '../../models/find-model.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'
import { type DialectJob, MOST_WAIT } from '../intake.ts'
import { JobLog } from '../job-log.ts'
import { type ClientId, findByClientId, ID_CHARS, keyOfClientId } from './client-ids.ts'
import { readCogRequest } from './read-cog-request.ts'

interface Kind {
  kind: JobKind
  /** The word of the paths. */
  path: string
  operation: string
}

const KINDS: readonly Kind[] = [
  { kind: 'prediction', path: 'predictions', operation: 'Prediction' },
  { kind: 'training', path: 'trainings', operation: 'Training' },
]

export function cogPredictionRoutes(router: DialectRouter, deps: DialectDeps): void {
  for (const kind of KINDS) routesOf(router, new Predictions(deps, kind.kind), kind)
}

function routesOf(router: DialectRouter, predictions: Predictions, { path, operation }: Kind): void {
  const base = `/cog/{model}/${path}`
  const write = { audit: 'none', scope: 'jobs:write' } as const
  const createRoute: UnlistedRoute = { method: 'post', path: base, operation: `cogCreate${operation}`, ...write }
  const putRoute: UnlistedRoute = { method: 'put', path: `${base}/{id}`, operation: `cogPut${operation}`, ...write }
  const cancelRoute: UnlistedRoute = {
    ...{ method: 'post', path: `${base}/{id}/cancel`, operation: `cogCancel${operation}` },
    ...{ audit: 'none', scope: 'jobs:cancel' },
  }
  router.addUnlisted(createRoute, (c) => predictions.create(c, undefined))
  router.addUnlisted(putRoute, (c) => predictions.create(c, c.req.param('id') ?? ''))
  router.addUnlisted(cancelRoute, (c) => predictions.cancel(c))
}

/** A job, and what its client calls it. */
interface Named {
  record: JobRecord
  id: string
}

class Predictions {
  readonly #deps: DialectDeps
  readonly #kind: JobKind
  readonly #log: JobLog

  constructor(deps: DialectDeps, kind: JobKind) {
    this.#deps = deps
    this.#kind = kind
    this.#log = new JobLog(deps)
  }

  /** `id`: the one in the path. The body may name one, too. */
  async create(c: ApiContext, id: string | undefined): Promise<Response> {
    if (acceptedStream(c.req.header('accept')) === 'sse') return this.#stream(c, id)
    const isAsync = /(^|[,;\s])respond-async([,;\s]|$)/i.test(c.req.header('prefer') ?? '')
    const named = await this.#submit(c, id, isAsync ? 0 : MOST_WAIT)
    return c.json(await this.#show(c, named), isTerminal(named.record.status) ? 200 : 202)
  }

  /** What has ended is not known to Cog any more. */
  async cancel(c: ApiContext): Promise<Response> {
    const record = await this.#find(c, c.req.param('id') ?? '')
    if (!record || isTerminal(record.status)) return c.json({}, 404)
    await this.#deps.jobs.cancel(record.id, tenantOf(c))
    return c.json({}, 200)
  }

  async #stream(c: ApiContext, id: string | undefined): Promise<Response> {
    const { streams } = this.#deps
    // Before the job is kept: who is refused a stream has submitted nothing.
    const place = await streams.enter(tenantOf(c))
    let named: Named
    try {
      named = await this.#submit(c, id, 0)
    } catch (error) {
      place.leave()
      throw error
    }
    const { record } = named
    const describe = async (last: JobRecord) => JSON.stringify(await this.#show(c, { ...named, record: last }))
    const reader = { tenant: record.tenant }
    const told = { format: 'sse', wire: wireOf(named.id), describe, after: '', showJob: undefined } as const
    return streamJob(c, this.#deps, place, { record, reader, ...told })
  }

  async #submit(c: ApiContext, pathId: string | undefined, seconds: number): Promise<Named> {
    const { doorway } = this.#deps
    // Its own id says more than a key would.
    const known = pathId?.startsWith('job_') ? await this.#find(c, pathId) : undefined
    if (known && pathId !== undefined) return { record: known, id: pathId }
    const { manifest } = await findModel(this.#deps.cache, c)
    const { name: model, input_schema, training } = manifest
    const schema = this.#kind === 'training' ? training?.input_schema : input_schema
    let id = pathId
    const toJob = (body: Record<string, unknown>): DialectJob => {
      const { input, fields, ...request } = readCogRequest(body, this.#kind)
      id = theId(pathId, request.id)
      const idempotencyKey = id === undefined ? undefined : keyOfClientId({ kind: this.#kind, id })
      const told = { webhookFormat: 'cog', webhookId: id } as const
      return { model, input: knownInputs(input, schema), fields, idempotencyKey, ...told }
    }
    const record = await doorway.json(c, toJob, { seconds, onlyNew: true }).catch(async (error: unknown) => {
      const running = id !== undefined && isMismatch(error) ? await this.#find(c, id) : undefined
      // While it runs, an id means what runs, whatever is sent beside it.
      if (running && !isTerminal(running.status)) return running
      throw error
    })
    return { record, id: id ?? record.id }
  }

  async #find(c: ApiContext, id: string): Promise<JobRecord | undefined> {
    const model = c.req.param('model') ?? ''
    if (id.length > ID_CHARS || !mayUseModel(principalOf(c), model)) return undefined
    const asked: ClientId = { tenant: tenantOf(c), model, kind: this.#kind, id }
    return findByClientId(this.#deps.jobs, asked)
  }

  async #show(c: ApiContext, { record, id }: Named): Promise<CogPrediction> {
    const { values, config } = this.#deps
    const base = linkBase(c, config.publicUrl)
    const [input, output, said] = await Promise.all([
      values.input(record, base),
      values.output(record, base),
      this.#log.read(record),
    ])
    const soFar = said.chunks.length > 0 && !isTerminal(record.status) ? said.chunks : null
    return toCogPrediction({ record, id, input, output: output ?? soFar, logs: said.logs })
  }
}

function theId(pathId: string | undefined, bodyId: string | undefined): string | undefined {
  if (pathId !== undefined && bodyId !== undefined && pathId !== bodyId) {
    throw badId('prediction ID must match the ID supplied in the URL')
  }
  const id = pathId ?? bodyId
  if (id !== undefined && id.length > ID_CHARS) throw badId(`takes at most ${ID_CHARS} characters`)
  return id
}

const badId = (message: string): ProblemError =>
  new ProblemError('invalid_request', { errors: [{ path: '/id', code: 'value_error', message }] })

const isMismatch = (error: unknown): boolean => error instanceof ProblemError && error.code === 'idempotency_mismatch'

function wireOf(id: string): Wire {
  const events = new CogEvents(id)
  return {
    // Comments alone: some readers take any other block for an event with JSON.
    ...{ opening: ':\n\n', heartbeat: ':\n\n' },
    event: ({ event }) => events.text(event),
    note: () => '',
    done: (_, json) => events.completed(json),
  }
}
