/** The stream of a prediction as Replicate's clients read it: pieces of output, then `done` or `error`. Its address needs no key. */
import { type JobId, jobIdSchema, ProblemError } from '@millrace/contracts'
import type { FileSigner } from '@millrace/webhooks'
import { streamJob } from '../../events/event-routes.ts'
import type { Wire } from '../../events/event-wire.ts'
import type { ApiContext } from '../../http/api-deps.ts'
import { linkBase } from '../../http/links.ts'
import type { UnlistedRoute } from '../../http/router.ts'
import { found, mayFollow } from '../../jobs/job-context.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'

const PATH = '/replicate/v1/streams'

const route = {
  method: 'get',
  path: `${PATH}/{id}`,
  operation: 'replicateStreamPrediction',
  auth: 'signed',
  scope: 'jobs:read',
} as const satisfies UnlistedRoute

/** Signed as our own streams are. */
export async function streamPath(signer: FileSigner, id: JobId): Promise<string> {
  return (await signer.eventsPath(id)).replace(`/v1/jobs/${id}/events`, `${PATH}/${id}`)
}

export function streamRoutes(router: DialectRouter, deps: DialectDeps): void {
  router.addUnlisted(route, async (c) => {
    const id = jobIdSchema.safeParse(c.req.param('id'))
    if (!id.success) throw new ProblemError('job_not_found')
    const { reader, expires } = await watcherOf(c, deps, id.data)
    const { record } = found(await deps.jobs.get(id.data, reader))
    c.set('jobId', record.id)
    c.set('tenant', record.tenant)
    const place = await deps.streams.enter(record.tenant, expires === undefined ? undefined : record.id)
    const base = linkBase(c, deps.config.publicUrl)
    const after = /^\d{1,15}-\d{1,15}$/.exec(c.req.header('last-event-id') ?? '')?.[0] ?? ''
    return streamJob(c, deps, place, {
      ...{ record, reader, format: 'sse', wire: createWire(after !== ''), after, showJob: undefined, expires },
      describe: async (last) => {
        const { status, error } = last
        return JSON.stringify({ status, error: error?.message ?? null, output: await deps.values.output(last, base) })
      },
    })
  })
}

async function watcherOf(c: ApiContext, deps: DialectDeps, id: JobId) {
  const signature = c.req.query('signature')
  if (signature === undefined) {
    const principal = await deps.authenticate(c, route.scope)
    c.set('principal', principal)
    if (!mayFollow(principal, id)) throw new ProblemError('job_not_found')
    return { reader: { tenant: principal.tenant }, expires: undefined }
  }
  const expires = c.req.query('expires') ?? ''
  if (!(await deps.signer.verifyEvents(id, expires, signature))) throw new ProblemError('forbidden')
  c.header('access-control-allow-origin', '*')
  return { reader: 'signed', expires: Number(expires) } as const
}

/** One for each stream: of a model that gives no pieces, the output is the one piece. */
function createWire(isResumed: boolean): Wire {
  let hasPieces = isResumed
  return {
    heartbeat: ':\n\n',
    event({ id, event }) {
      if (event.type !== 'output') return ''
      hasPieces = true
      return frame('output', id, textOf(event.chunk))
    },
    note: () => '',
    done(lastEventId, json) {
      const { status, error, output } = JSON.parse(json) as { status: string; error: string | null; output: unknown }
      const id = lastEventId || '0-0'
      if (status === 'failed')
        return frame('error', id, error ?? 'the model failed') + frame('done', id, '{"reason":"error"}')
      if (status === 'canceled') return frame('done', id, '{"reason":"canceled"}')
      return (hasPieces ? '' : frame('output', id, textOf(output))) + frame('done', id, '{}')
    },
  }
}

const textOf = (piece: unknown): string => (typeof piece === 'string' ? piece : JSON.stringify(piece))

const frame = (event: string, id: string, data: string): string =>
  `event: ${event}\nid: ${id}\n${data
    .split(/\r\n|\r|\n/)
    .map((line) => `data: ${line}\n`)
    .join('')}\n`
