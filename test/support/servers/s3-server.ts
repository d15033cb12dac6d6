/**
 * Starts a server that speaks the S3 protocol (s3rver, from npm) on a free port of this machine, in a folder of its own.
 * Called by the tests of the object store and by whole-house tests.
 *
 * It differs from S3 in six things, mended here: it shows an object while its bytes still arrive; it cannot abort an
 * upload, or list uploads and their parts; it takes signatures of calls on a bucket for wrong; it lists second pages
 * wrongly; it ignores `If-None-Match: *`; and it does not compare a body with `x-amz-checksum-sha256`. The condition can be
 * left out, for stores that ignore it are common and the driver has a way for them too.
 *
 * What it still does not do as S3 does: it checks no CRC checksums, no session token, no `x-amz-*` header that nobody
 * signed, and no signature of calls on a bucket, and it takes small parts.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'

export interface S3Server {
  endpoint: string
  bucket: string
  accessKeyId: string
  secretAccessKey: string
  close(): Promise<void>
}

interface FileStore {
  getResourcePath(bucket: string, key: string | undefined, resource: string): string
  existsObject(bucket: string, key: string): Promise<boolean>
  putContent(path: string, content: unknown): Promise<unknown>
  putObject(object: StoredObject): Promise<unknown>
  listObjects(bucket: string, options: ListOptions): Promise<Listing>
}

interface StoredObject {
  bucket: string
  key: string
  content?: unknown
}

interface ListOptions {
  maxKeys: number
  startAfter?: string
}

interface Listing {
  objects: StoredObject[]
  isTruncated: boolean
}

interface ListBucketResult {
  IsTruncated: boolean
  Contents: { Key: string }[]
  NextContinuationToken?: string
}

interface Context {
  app: object
  method: string
  path: string
  query: Record<string, string | undefined>
  headers: Record<string, string | undefined>
  status: number
  set(header: string, value: string): void
  type?: string
  body?: string | { ListBucketResult?: ListBucketResult }
}

type Middleware = (ctx: Context, next: () => Promise<void>) => Promise<void>

interface S3rver {
  store: FileStore
  httpServer: Server
  middleware: Middleware[]
  run(): Promise<AddressInfo>
}

// This package has no types.
const load = createRequire(import.meta.url)
const S3rver = load('@20minutes/s3rver') as new (options: object) => S3rver
const S3Error = load('@20minutes/s3rver/lib/models/error') as new (code: string, message: string) => Error

const BUCKET = 'millrace'

/** `conditionalWrites: false` ignores `If-None-Match`, as older and simpler stores do. Default true, as S3. */
export async function startS3Server(options: { conditionalWrites?: boolean } = {}): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-s3-'))
  const buckets = [{ name: BUCKET, configs: [] }]
  const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory, configureBuckets: buckets })
  showWholeObjectsOnly(server.store)
  listInOrder(server.store)
  // Before its last middleware, which is the router.
  server.middleware.splice(-1, 0, trustBucketCalls, listPages, listUploads(server.store), abortUploads(server.store))
  server.middleware.unshift(compareChecksums(server.store))
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

/** s3rver leaves out the last slash of `/bucket/` when it computes the signature, so only the key id is checked here. */
const trustBucketCalls: Middleware = (ctx, next) => {
  if (/^\/[^/]+\/$/.test(ctx.path)) ctx.app = Object.create(ctx.app, { allowMismatchedSignatures: { value: true } })
  return next()
}

function abortUploads(store: FileStore): Middleware {
  return async (ctx, next) => {
    const id = ctx.query.uploadId
    if (ctx.method !== 'DELETE' || id === undefined || !/^[0-9a-f]+$/.test(id)) return next()
    const [, bucket = ''] = ctx.path.split('/')
    await rm(join(store.getResourcePath(bucket, undefined, 'uploads'), id), { recursive: true, force: true })
    ctx.status = 204
  }
}

/** Lists all uploads of a bucket, and all parts of one upload, each in a single page. It does not check the caller. */
function listUploads(store: FileStore): Middleware {
  return async (ctx, next) => {
    const { uploads, uploadId, prefix = '' } = ctx.query
    if (ctx.method !== 'GET' || (uploads === undefined && uploadId === undefined)) return next()
    const [, bucket = ''] = ctx.path.split('/')
    const folder = store.getResourcePath(bucket, undefined, 'uploads')
    ctx.type = 'application/xml'
    if (uploads !== undefined) {
      ctx.body = `<ListMultipartUploadsResult>${await uploadsIn(folder, prefix)}</ListMultipartUploadsResult>`
      return
    }
    const parts = /^[0-9a-f]+$/.test(uploadId ?? '') ? await partsIn(join(folder, uploadId ?? '')) : undefined
    ctx.status = parts === undefined ? 404 : 200
    ctx.body =
      parts === undefined ? '<Error><Code>NoSuchUpload</Code></Error>' : `<ListPartsResult>${parts}</ListPartsResult>`
  }
}

async function uploadsIn(folder: string, prefix: string): Promise<string> {
  const ids = await readdir(folder).catch(() => [])
  const found = ids.map(async (id) => {
    const path = join(folder, id, 'key')
    const [key, { mtime }] = await Promise.all([readFile(path, 'utf8'), stat(path)])
    const facts = `<Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${mtime.toISOString()}</Initiated>`
    return key.startsWith(prefix) ? `<Upload>${facts}</Upload>` : ''
  })
  return (await Promise.all(found)).join('')
}

async function partsIn(folder: string): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => undefined)
  if (!names?.includes('key')) return undefined
  const numbers = names.filter((name) => /^\d+$/.test(name)).toSorted((a, b) => Number(a) - Number(b))
  const found = numbers.map(async (number) => {
    const [{ size }, md5] = await Promise.all([
      stat(join(folder, number)),
      readFile(join(folder, `${number}.md5`), 'utf8'),
    ])
    return `<Part><PartNumber>${number}</PartNumber><ETag>"${md5}"</ETag><Size>${size}</Size></Part>`
  })
  return (await Promise.all(found)).join('')
}

/**
 * Refuses a body whose checksum differs from the announced one, as S3 does. When asked, it also tells the hash of a stored
 * body.
 */
function compareChecksums(store: FileStore): Middleware {
  const announced = new AsyncLocalStorage<string | undefined>()
  const kept = new Map<string, string>()
  const putObject = store.putObject.bind(store)
  store.putObject = async (object) => {
    const expected = announced.getStore()
    if (expected === undefined || !object.content) return putObject(object)
    const content = Readable.from(whileTrue(object.content as Readable, expected), { objectMode: false })
    const written = await putObject(Object.assign(object, { content }))
    kept.set(`/${object.bucket}/${object.key}`, expected)
    return written
  }
  return async (ctx, next) => {
    await announced.run(ctx.headers['x-amz-checksum-sha256'], next)
    const sha256 = kept.get(decodeURIComponent(ctx.path))
    if (sha256 && ctx.status === 200 && ctx.headers['x-amz-checksum-mode'] === 'ENABLED')
      ctx.set('x-amz-checksum-sha256', sha256)
  }
}

async function* whileTrue(content: Readable, expected: string): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  for await (const chunk of content as AsyncIterable<Buffer>) {
    hash.update(chunk)
    yield chunk
  }
  if (hash.digest('base64') !== expected) throw new S3Error('BadDigest', 'The body is not the one announced.')
}

/** s3rver cuts pages from the order of the disk, so the keys are sorted here. */
function listInOrder(store: FileStore): void {
  const listObjects = store.listObjects.bind(store)
  store.listObjects = async (bucket, options) => {
    const { maxKeys, startAfter = '' } = options
    const all = await listObjects(bucket, { ...options, maxKeys: Number.POSITIVE_INFINITY, startAfter: '' })
    const rest = all.objects
      .filter(({ key }) => compareBytes(key, startAfter) > 0)
      .toSorted((a, b) => compareBytes(a.key, b.key))
    return { ...all, objects: rest.slice(0, maxKeys), isTruncated: rest.length > maxKeys }
  }
}

const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** Pages for the older list call. Its token is the last key in plain text. */
const listPages: Middleware = async (ctx, next) => {
  const { 'list-type': type, 'continuation-token': token, ...query } = ctx.query
  if (type !== '2') return next()
  ctx.query = token === undefined ? query : { ...query, marker: token }
  await next()
  const result = typeof ctx.body === 'object' ? ctx.body.ListBucketResult : undefined
  if (result?.IsTruncated) result.NextContinuationToken = result.Contents.at(-1)?.Key
}

/** Answers 412 to a put, or to the completion of an upload, with `If-None-Match: *` when the object exists, as S3 does. */
function heedConditions(store: FileStore): Middleware {
  const conditional = new AsyncLocalStorage<boolean>()
  const putObject = store.putObject.bind(store)
  const last = new Map<string, Promise<unknown>>()
  store.putObject = (object) => {
    const put = async () => {
      if (conditional.getStore() && (await store.existsObject(object.bucket, object.key))) {
        throw new S3Error('PreconditionFailed', 'At least one of the preconditions you specified did not hold.')
      }
      return putObject(object)
    }
    const turn = (last.get(object.key) ?? Promise.resolve()).then(put, put)
    last.set(object.key, turn)
    return turn
  }
  return (ctx, next) => conditional.run(ctx.headers['if-none-match'] === '*', next)
}
