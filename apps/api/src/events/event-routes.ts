/** GET /v1/jobs/{id}/events: what happens to a job, as it happens. Submits that ask for a stream come here too. */
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import {
  isTerminal,
  type JobId,
  type JobQueue,
  type JobRecord,
  ProblemError,
  streamedEventSchema,
} from '@millrace/contracts'
import type { Reader } from '@millrace/queue'
import { z } from 'zod'
import type { ApiContext } from '../http/api-deps.ts'
import {
  acceptedStream,
  CONTENT_TYPES,
  type Format,
  jobEventText,
  opening,
  parseEventId,
  START,
  type Wire,
  WIRES,
} from './event-wire.ts'
import { createEventPages } from './event-pages.ts'
import type { EventStream } from './event-stream.ts'
import type { EventStreams, Place } from './event-streams.ts'
import { jobText } from '../views/job-view.ts'
import { queueView } from '../views/queue-view.ts'
import { linkBase } from '../http/links.ts'
import type { Authenticate } from '../http/access/authenticate.ts'
import { standardHeaders } from '../http/middleware/standard-headers.ts'
import { StreamSink } from './stream-sink.ts'
import { found, jobIdOf, jobParams, type JobRouteDeps } from '../jobs/job-context.ts'
import type { Route, Router } from '../http/router.ts'

export type StreamDeps = Pick<JobRouteDeps, 'jobs' | 'objects' | 'config' | 'signer'> & { streams: EventStreams }

/** One server-sent event, its lines as fields. */
const sentEventSchema = z
  .object({
    event: z.string().describe('The `type` of the event.'),
    id: z.string().optional().describe('What a stream can be resumed from, for `Last-Event-ID` or `after`.'),
    data: z.string().meta({
      contentMediaType: 'application/json',
      description: 'JSON on one line: a JobEvent; for `job` and `done` the Job alone.',
    }),
  })
  .meta({ id: 'ServerSentEvent' })

/** The content of a stream, for `responses`. */
export const streamContent = {
  [CONTENT_TYPES.sse]: { schema: sentEventSchema },
  [CONTENT_TYPES.ndjson]: { schema: streamedEventSchema },
}

const route = {
  method: 'get',
  path: '/v1/jobs/{id}/events',
  operation: 'streamJobEvents',
  summary: 'Follow a job',
  description:
    'Server-sent events, or lines of JSON with `Accept: application/x-ndjson`: the history first, then what happens. The ' +
    'last is `done`: its data is the job. Comments (empty lines) come every 15 seconds. A stream that ends without ' +
    '`done` is resumed by `Last-Event-ID`: no event is missed or seen twice. `gap` says that older events are no longer ' +
    'kept, `queue` where a job waits that has not started, `bye` that the stream ends though the job goes on. By the signed address in `urls.events` no key is needed.',
  tag: 'Jobs',
  scope: 'jobs:read',
  auth: 'signed',
  request: {
    params: jobParams,
    query: z.object({
      after: z
        .string()
        .regex(START)
        .optional()
        .describe('Where to begin: behind this event; `latest` begins with a `job` event and what comes after it.'),
      expires: z.string().optional(),
      signature: z.string().optional(),
    }),
    headers: z.object({
      'last-event-id': z
        .string()
        .regex(START)
        .optional()
        .describe('The same as `after`, and stronger: browsers send it.'),
      accept: z.string().optional(),
    }),
  },
  responses: {
    200: { description: 'The events. Of `done` and `job` the data is the job alone.', content: streamContent },
    204: { description: 'There is nothing after this id and nothing will come: do not connect again.' },
  },
  problems: ['forbidden', 'job_not_found', 'job_purged', 'too_many_streams', 'streams_full', 'server_closing'],
} satisfies Route

export function eventRoutes(router: Router, deps: StreamDeps & { authenticate: Authenticate }): void {
  const pages = createEventPages(deps.jobs, deps.objects)
  router.add(route, async (c) => {
    // Comes first: the key says which jobs may be followed.
    const watcher = await watcherOf(c, deps)
    const id = jobIdOf(c)
    const { reader } = watcher
    const start = startOf(c)
    const format = acceptedStream(c.req.header('accept')) ?? 'sse'
    const { record, lastEventId } = await find(deps, id, reader, start)
    c.set('tenant', record.tenant)
    if (start.sawDone && isTerminal(record.status)) {
      const page = await pages.eventPage(id, reader, { after: start.after, count: 1 })
      if (page.outcome === 'missing' || page.events.length === 0) return c.body(null, 204)
    }
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': CONTENT_TYPES[format] })
    const place = await deps.streams.enter(record.tenant, watcher.expires === undefined ? undefined : id)
    return streamJob(c, deps, place, {
      record,
      reader,
      format,
      after: lastEventId ?? start.after,
      showJob: lastEventId === undefined ? undefined : { id: lastEventId },
      expires: watcher.expires,
    })
  })
}

interface Watcher {
  reader: Reader
  /** When the signed address expires by which the watcher came. Unix seconds. */
  expires: number | undefined
}

async function watcherOf(c: ApiContext, deps: StreamDeps & { authenticate: Authenticate }): Promise<Watcher> {
  const signature = c.req.query('signature')
  if (signature === undefined) {
    const principal = await deps.authenticate(c, route.scope)
    c.set('principal', principal)
    return { reader: { tenant: principal.tenant }, expires: undefined }
  }
  const expires = c.req.query('expires') ?? ''
  if (!(await deps.signer.verifyEvents(c.req.param('id') ?? '', expires, signature)))
    throw new ProblemError('forbidden')
  // The signature lets in, whatever site a page came from: a page that was given an address may use it.
  c.header('access-control-allow-origin', '*')
  return { reader: 'signed', expires: Number(expires) }
}

interface Start {
  after: string
  sawDone: boolean
  latest: boolean
}

/** A browser that connects again sends the header beside the query of its first request. */
function startOf(c: ApiContext): Start {
  const text = c.req.header('last-event-id') || c.req.query('after') || ''
  if (text === '') return { after: '', sawDone: false, latest: false }
  if (text === 'latest') return { after: '', sawDone: false, latest: true }
  const id = parseEventId(text)
  if (id) return { ...id, latest: false }
  const fault = { path: '/after', code: 'format', message: 'expected the id of an event, or `latest`' }
  throw new ProblemError('invalid_request', { errors: [fault] })
}

/** `lastEventId` is there when the stream is to begin with the job as it stands. */
async function find(
  { jobs }: StreamDeps,
  id: JobId,
  reader: Reader,
  start: Start,
): Promise<{ record: JobRecord; lastEventId?: string }> {
  if (!start.latest) return found(await jobs.get(id, reader))
  return found(await jobs.snapshot(id, reader))
}

export interface JobStream {
  record: JobRecord
  reader: Reader
  format: Format
  /** How it is told. Default: as our own streams are. */
  wire?: Wire
  /** JSON text of the job at the end. Default: as the API shows it. */
  describe?: (record: JobRecord) => Promise<string>
  after: string
  /** Begin with the job; `id` is that of the last event that it knows of. */
  showJob: { id: string | undefined } | undefined
  expires?: number
}

/** Answers with the stream. `headers` are added to those of the context. */
export async function streamJob(
  c: ApiContext,
  { jobs, streams, signer, objects, config }: StreamDeps,
  place: Place,
  { record, reader, format, wire = WIRES[format], after, showJob, expires, ...given }: JobStream,
  headers: Record<string, string> = {},
): Promise<Response> {
  try {
    const { outgoing } = c.env
    if (!outgoing) throw new Error('events are streamed over an HTTP server only: see start-api-server.ts')
    const base = linkBase(c, config.publicUrl)
    const describe = given.describe ?? ((job: JobRecord) => jobText(job, { signer, objects, base, expires }))
    const first = showJob ? jobEventText('job', showJob.id, await describe(record), format) : ''
    const head = c.body(null, 200, {
      ...standardHeaders(c),
      ...headers,
      'content-type': CONTENT_TYPES[format],
      'cache-control': 'no-store, no-transform',
      // Without it, nginx would hold the events back.
      'x-accel-buffering': 'no',
    })
    const opened: { stream?: EventStream } = {}
    const sink = new StreamSink(outgoing, () => (opened.stream ? opened.stream.gone() : place.leave()))
    sink.open(Object.fromEntries(head.headers), `${wire.opening ?? opening(format)}${first}`)
    const principal = c.get('principal')
    const { id, status } = record
    const whereItWaits = () => waitOf(jobs, record)
    opened.stream = streams.open(place, { id, reader, principal, after, status, wire, sink, describe, whereItWaits })
    return RESPONSE_ALREADY_SENT
  } catch (error) {
    place.leave()
    throw error
  }
}

async function waitOf(jobs: StreamDeps['jobs'], record: JobRecord): Promise<JobQueue | undefined> {
  const place = await jobs.place(record)
  return place && queueView(record, place)
}
