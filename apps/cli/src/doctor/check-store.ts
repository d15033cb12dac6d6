/** Whether files can be kept: one object is written, found, read and deleted again, as a job would. */
import { randomUUID } from 'node:crypto'
import type { Config } from '@millrace/process'
import { type ObjectStore, openConfiguredStore, StorageError } from '@millrace/storage'
import { fail, type Finding, ok } from './finding.ts'

const BYTES = Buffer.from('millrace doctor was here')
const PATIENCE_MS = 15_000

export async function checkStore(config: Config): Promise<Finding> {
  const name = nameOf(config)
  const begun = performance.now()
  let store: ObjectStore | undefined
  let step = 'open'
  try {
    store = await openConfiguredStore(config)
    await tryOut(store, (next) => {
      step = next
    })
    const ms = Math.round(performance.now() - begun)
    return ok('store', `An object was written to ${name}, read and deleted in ${ms} ms.`)
  } catch (error) {
    return explain(error, { config, name, step })
  } finally {
    await store?.close()
  }
}

const nameOf = ({ s3Bucket, s3Prefix }: Config): string => {
  if (s3Bucket === undefined) return 'the files folder'
  return s3Prefix === undefined ? `bucket ${s3Bucket}` : `bucket ${s3Bucket} below ${s3Prefix}/`
}

class TooSlow extends Error {}

async function tryOut(store: ObjectStore, onStep: (step: string) => void): Promise<void> {
  const prefix = `doctor/${randomUUID()}/`
  const key = `${prefix}probe`
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new TooSlow()), { once: true })
  })
  late.catch(() => undefined)
  const step = <T>(name: string, call: () => Promise<T>): Promise<T> => {
    onStep(name)
    return Promise.race([call(), late])
  }
  await step('write', () => store.put(key, BYTES, { contentType: 'text/plain', size: BYTES.length, signal }))
  await step('look up', () => store.head(key))
  const text = await step('read', async () => (await store.get(key)).toArray())
  if (!Buffer.concat(text as Buffer[]).equals(BYTES)) throw new StorageError('mismatch', 'it gave back other bytes')
  await step('list', async () => {
    for await (const found of store.list(prefix)) if (found === key) return
    throw new StorageError('missing', 'its list leaves out what was written')
  })
  await step('delete', () => store.deletePrefix(prefix))
}

interface Trouble {
  config: Config
  name: string
  step: string
}

function explain(error: unknown, { config, name, step }: Trouble): Finding {
  const { s3Bucket, s3Endpoint, s3Region } = config
  const place = s3Endpoint ?? (s3Region === undefined ? 'S3' : `S3 in ${s3Region}`)
  const { status, cause } = causeOf(error)
  if (s3Bucket === undefined) {
    return fail('store', `${name} in ${config.dataDir}: could not ${step} (${cause}).`, 'Mend the data folder.')
  }
  if (cause === 'RegionMissing') {
    return fail('store', 'It is not known in which region the bucket is.', 'Set S3_REGION or AWS_REGION.')
  }
  if (error instanceof TooSlow || status === undefined) {
    const credentials = cause === 'CredentialsProviderError'
    return credentials
      ? fail('store', 'There are no credentials for S3.', 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role.')
      : fail('store', `${place} cannot be reached (${cause}).`, 'Start it, or correct S3_ENDPOINT and the network.')
  }
  if (status === 403) {
    const mend = `Allow these credentials to get, put, list and delete objects in ${s3Bucket}, and check the secret key.`
    return fail('store', `${name}: these credentials may not ${step} (403 ${cause}).`, mend)
  }
  if (status === 404 || cause === 'NoSuchBucket') {
    return fail('store', `${name} does not exist at ${place}.`, 'Create it, or correct S3_BUCKET and S3_REGION.')
  }
  return fail(
    'store',
    `${name}: could not ${step} (${status} ${cause}).`,
    'Ask whoever runs the store at that address.',
  )
}

/** The last cause knows best: a status if the store answered, else the system's code or the error's name. */
function causeOf(error: unknown): { status?: number; cause: string } {
  let last = error
  while (last instanceof Error && last.cause instanceof Error) last = last.cause
  if (last instanceof TooSlow) return { cause: `no answer within ${PATIENCE_MS / 1000} s` }
  const { code, name, status } = last as { code?: string; name?: string; status?: number }
  return { cause: code ?? name ?? 'unknown', ...(status !== undefined && { status }) }
}
