/**
 * A tenant with something in every place in which Millrace keeps what a stranger can choose, each with a mark of its own.
 * Called by the tests of erasures.
 */
import { createHash, randomBytes } from 'node:crypto'
import { base32, blobKey, checkpointPrefix, inputPrefix, type JobId, manifestSchema } from '@millrace/contracts'
import { lineOfVersion, newJobId, newObjectName, newUploadId, type NewJob, type Queue } from '@millrace/queue'
import type { ObjectStore } from '@millrace/storage'
import { newJob } from '../../support/open-test-queue.ts'
import { holdJob, ownLine } from '../../support/take-jobs.ts'

const MODEL = 'ocr'
const VERSION = '1.0.0'
const FACTS = { contentType: 'text/plain' }
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

export interface Planted {
  tenant: string
  /** What no place may have when all is erased. */
  marks: string[]
  key: string
  jobs: Record<'queued' | 'running' | 'succeeded' | 'failed' | 'other', JobId>
  /** The right to the job that runs. */
  running: { id: JobId; fence: number }
}

/** Manifest of the model of all planted jobs. */
export const plantedModel = manifestSchema.parse({ name: MODEL, version: VERSION, input_schema: {}, output_schema: {} })

/** `customer`: in the metadata of all jobs but one. */
export async function plant(queue: Queue, objects: ObjectStore, tenant: string, customer = 'x'): Promise<Planted> {
  const marks = [tenant]
  const mark = (where: string): string => {
    const text = `mark-${where}-${randomBytes(6).toString('hex')}`
    marks.push(text)
    return text
  }
  const store = { queue, objects, tenant, mark, customer }
  const key = await plantSettings(store)
  await plantFiles(store)
  const { jobs, running } = await plantJobs(store)
  await plantDeliveries(store)
  await queue.cancellations.begin(tenant, { model: MODEL, version: mark('cancellation') })
  for (const label of ['action', 'other-action']) {
    const metadata = { customer: label === 'action' ? customer : 'somebody else', note: mark(label) }
    await queue.jobActions.begin({ tenant, action: 'cancel', filter: { metadata }, isDry: false, expect: 99 })
  }
  return { tenant, marks, key, jobs, running }
}

interface Place {
  queue: Queue
  objects: ObjectStore
  tenant: string
  mark(where: string): string
  customer: string
}

async function plantSettings({ queue, tenant, mark }: Place): Promise<string> {
  const id = base32(randomBytes(16))
  const made = { id, digest: sha256(randomBytes(8)), tenant, name: mark('key'), scopes: ['jobs:read'] as const }
  await queue.keys.create({ ...made, models: null, createdBy: null, expiresMs: null })
  await queue.tenants.change(tenant, { weight: 3, running_jobs: 50, device_seconds_per_day: 1e6 })
  await queue.tenantUpkeep.tend()
  await queue.webhooks.settings.change(tenant, (all) => ({
    ...all,
    secret: { current: mark('secret'), previous: [] },
    endpoints: [
      {
        ...{ id: `whe_${base32(randomBytes(26))}`, url: `https://hooks.example.com/${mark('endpoint')}` },
        ...{ events: ['job.succeeded', 'job.failed', 'job.canceled'], description: mark('description') },
        ...{ disabled: null, created_at: new Date(0).toISOString(), failing_since: null },
        secret: { current: mark('secret'), previous: [] },
      },
    ],
  }))
  return id
}

async function plantFiles({ queue: { files }, objects, tenant, mark }: Place): Promise<void> {
  const put = async (text: string) => {
    const [object, bytes] = [newObjectName(), Buffer.from(text)]
    await objects.put(blobKey(tenant, object), bytes, FACTS)
    return { object, size: bytes.length, sha256: sha256(bytes) }
  }
  await files.keepFile(tenant, newUploadId(tenant), await put(mark('content')), { name: mark('file'), ...FACTS })
  const announced = { size: 9, sha256: sha256(Buffer.from(mark('announced'))), object: newObjectName(), upload: 'u' }
  await files.announce(tenant, { id: newUploadId(tenant), name: mark('announced-file'), ...FACTS, ...announced })
  // Of a submit that was never kept.
  await files.keep(tenant, newJobId(MODEL), await put(mark('held')))
  // One that nobody knows, and one that was given up.
  await put(mark('orphan'))
  await files.condemn(tenant, newObjectName())
}

async function plantJobs(place: Place): Promise<Pick<Planted, 'jobs' | 'running'>> {
  const queued = await submit(place, { line: lineOfVersion(VERSION) })
  await misfit(place, queued)
  const running = await run(place)
  await place.queue.attempts.beat(running, { fraction: 0.5, message: place.mark('progress') })
  await checkpoint(place, running)
  const succeeded = await run(place)
  await log(place, succeeded)
  const key = `jobs/${place.tenant}/${succeeded.id}/out/${succeeded.fence}/a.txt`
  const bytes = Buffer.from(place.mark('output'))
  const info = await place.objects.put(key, bytes, FACTS)
  const file = { name: place.mark('output-file'), content_type: 'text/plain', ...info, key }
  await place.queue.attempts.succeed(succeeded, {
    output: { value: { inline: JSON.stringify({ text: place.mark('output') }) }, files: [file as never] },
    ...{ runSeconds: 1, modelMetrics: { note: place.mark('metrics') } },
  })
  const failed = await run(place)
  const error = { code: 'model_error' as const, message: place.mark('error'), retryable: false }
  await place.queue.attempts.fail(failed, {
    ...{ blame: 'final', error: { ...error, details: { a: place.mark('details') } }, runSeconds: 1 },
    partial: { value: { inline: JSON.stringify(place.mark('partial')) }, files: [] },
  })
  const other = await submit({ ...place, customer: 'somebody else' }, { line: ownLine() })
  const jobs = { queued, running: running.id, succeeded: succeeded.id, failed: failed.id, other }
  // Two that are gone already: what is left of these is known for a while.
  await place.queue.jobs.purge(await submit(place, { line: ownLine() }), place.tenant)
  return { jobs, running }
}

/** A move of the job to another version told that its input does not fit, and why. */
async function misfit({ queue: { relocations, upkeep }, mark }: Place, id: JobId): Promise<void> {
  await relocations.begin(MODEL, { from: { version: VERSION }, to: '2', dry_run: true }, plantedModel)
  const page = await relocations.page(MODEL)
  const found = await upkeep.get(id)
  if (!page || found.outcome !== 'found') throw new Error('there is nothing to move')
  const { revision } = found.record
  await relocations.done(MODEL, page, [], [{ id, revision, path: mark('path'), message: mark('message') }])
}

async function run(place: Place) {
  const line = ownLine()
  return holdJob(place.queue, { id: await submit(place, { line }), model: MODEL, line })
}

const log = ({ queue, mark }: Place, hold: { id: JobId; fence: number }): Promise<void> =>
  queue.attempts.append(
    hold,
    Array.from({ length: 30 }, () => ({ type: 'log', level: 'info', message: mark('log') })),
    1,
  )

/** A job that goes on from a checkpoint, and one before it that is still to be deleted. */
async function checkpoint({ queue, objects, tenant, mark }: Place, hold: { id: JobId; fence: number }): Promise<void> {
  for (const folder of [`${hold.fence}-a`, `${hold.fence}-b`]) {
    const key = `${checkpointPrefix(tenant, hold.id, folder)}0-w`
    const info = await objects.put(key, Buffer.from(mark('checkpoint-file')), FACTS)
    const files = [{ name: mark('checkpoint-name'), key, size: info.size, sha256: info.sha256 }]
    const state = { inline: JSON.stringify(mark('checkpoint-state')) }
    await queue.attempts.keepCheckpoint(hold, { version: VERSION, folder, stored_bytes: info.size, state, files })
  }
}

async function submit(place: Place, extra: Partial<NewJob>): Promise<JobId> {
  const { queue, objects, tenant, mark, customer } = place
  const id = newJobId(MODEL)
  const inline = { inline: JSON.stringify({ text: mark('input') }) }
  const key = `${inputPrefix(tenant, id)}one.json`
  const stored = await objects.put(key, Buffer.from(mark('stored-input')), { contentType: 'application/json' })
  const isLarge = randomBytes(1)[0]! % 2 === 0
  const job = newJob({
    ...{ id, tenant, model: MODEL, version: VERSION, metadata: { customer, note: mark('metadata') } },
    input: { value: isLarge ? inline : { stored: { key, size: stored.size, sha256: stored.sha256 } }, files: [] },
    webhook: {
      url: `https://own.example.com/${mark('webhook')}`,
      events: ['job.succeeded', 'job.failed', 'job.canceled'],
    },
    idempotency: { key: mark('idempotency'), bodyHash: sha256(Buffer.from(id)) },
    ...extra,
  })
  const { outcome } = await queue.jobs.submit(job)
  if (outcome !== 'created') throw new Error(`a planted job was ${outcome}`)
  return id
}

/** One of the ends is fanned out, once to each; the other stays in the outbox. */
async function plantDeliveries({ queue: { webhooks }, tenant, mark }: Place): Promise<void> {
  const [endpoint] = (await webhooks.settings.get(tenant)).endpoints
  const owed = (await webhooks.outbox.owed(await webhooks.outbox.shards(), 100)).filter((one) => one.tenant === tenant)
  const targets = [
    { endpointId: null, url: `https://own.example.com/${mark('own')}`, skipped: false },
    { endpointId: endpoint!.id, url: endpoint!.url, skipped: true },
  ]
  await webhooks.outbox.fanOut(owed[0]!, targets, `https://${mark('public')}`)
  await webhooks.deliveries.test(tenant, endpoint!)
}
