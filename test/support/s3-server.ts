/**
 * Starts a server that speaks the S3 protocol (s3rver, from npm) on a free port of this machine, in a folder of its own.
 * Called by the tests of the object store and by whole-house tests.
 *
 * Two things in which s3rver is unlike S3 are mended here: it shows an object while its bytes still arrive, and it does
 * not know `If-None-Match: *`. The first mend is always on. The second can be left out, for stores that ignore the
 * condition are common and the driver has a way for them too.
 */
import { once } from 'node:events'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import type { IncomingMessage, Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface S3Server {
  endpoint: string
  bucket: string
  accessKeyId: string
  secretAccessKey: string
  close(): Promise<void>
}

interface FileStore {
  existsObject(bucket: string, key: string): Promise<boolean>
  putContent(path: string, content: unknown): Promise<unknown>
}

interface Context {
  method: string
  path: string
  query: Record<string, string | undefined>
  headers: Record<string, string | undefined>
  status: number
  type: string
  body: unknown
  req: IncomingMessage
}

type Middleware = (ctx: Context, next: () => Promise<void>) => Promise<void>

interface S3rver {
  store: FileStore
  httpServer: Server
  middleware: Middleware[]
  run(): Promise<AddressInfo>
}

// It has no types of its own.
const S3rver = createRequire(import.meta.url)('@20minutes/s3rver') as new (options: object) => S3rver

const BUCKET = 'millrace'

/** `conditionalWrites: false` leaves out `If-None-Match`, as older and simpler stores do. Default true, as S3. */
export async function startS3Server(options: { conditionalWrites?: boolean } = {}): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-s3-'))
  const buckets = [{ name: BUCKET, configs: [] }]
  const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory, configureBuckets: buckets })
  showWholeObjectsOnly(server.store)
  if (options.conditionalWrites ?? true) server.middleware.unshift(heedConditions(server.store))
  const { port } = await server.run()
  return {
    endpoint: `http://127.0.0.1:${port}`,
    bucket: BUCKET,
    accessKeyId: 'S3RVER',
    secretAccessKey: 'S3RVER',
    async close() {
      const closed = once(server.httpServer, 'close')
      server.httpServer.close()
      server.httpServer.closeAllConnections()
      await closed
      await rm(directory, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function showWholeObjectsOnly(store: FileStore): void {
  const putContent = store.putContent.bind(store)
  let puts = 0
  store.putContent = async (path, content) => {
    puts += 1
    const arriving = `${path}.${puts}.arriving`
    try {
      const written = await putContent(arriving, content)
      await rename(arriving, path)
      return written
    } finally {
      await rm(arriving, { force: true })
    }
  }
}

/** A put or the completion of an upload with `If-None-Match: *` is answered 412 when the object exists, as S3 does. */
function heedConditions(store: FileStore): Middleware {
  let last: Promise<void> = Promise.resolve()
  return async (ctx, next) => {
    const completes = ctx.method === 'POST' && ctx.query.uploadId !== undefined
    const puts = ctx.method === 'PUT' && ctx.query.uploadId === undefined
    if (ctx.headers['if-none-match'] !== '*' || !(completes || puts)) return next()
    const turn = last.then(async () => {
      const key = decodeURIComponent(ctx.path.slice(BUCKET.length + 2))
      if (!(await store.existsObject(BUCKET, key))) return next()
      ctx.req.resume()
      ctx.status = 412
      ctx.type = 'application/xml'
      ctx.body = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>PreconditionFailed</Code></Error>'
    })
    last = turn.catch(() => {})
    return turn
  }
}
