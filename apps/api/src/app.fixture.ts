/**
 * The app over real files in a temporary folder, for tests of the HTTP edge alone. The job store here is a stand-in
 * that keeps records in a map and never fails by itself: how jobs behave is tested against real Redis elsewhere.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type JobAction, type Manifest, manifestSchema } from '@millrace/contracts'
import { createLogger, createMetrics } from '@millrace/process'
import type { ChangeFeed, NewJob, Pauses } from '@millrace/queue'
import { FolderStore } from '@millrace/storage'
import { createAddressGuard } from '@millrace/webhooks'
import type { ApiConfig, ApiDeps } from './http/api-deps.ts'
import { createApp } from './app.ts'
import { createFileStand } from './file-stand.fixture.ts'
import { createJobStand, type JobStand } from './job-stand.fixture.ts'

export const testManifest: Manifest = manifestSchema.parse({
  name: 'ocr',
  version: '1.0.0',
  input_schema: {
    type: 'object',
    properties: {
      lang: { enum: ['eng', 'deu'], default: 'eng' },
      text: { type: 'string' },
      numbers: { type: 'array', items: { type: 'number' } },
      image: { format: 'file', contentMediaType: 'image/*' },
      pages: { type: 'array', items: { $ref: '#/$defs/page' } },
    },
    additionalProperties: false,
    $defs: { page: { format: 'file', contentMediaType: 'image/*' } },
  },
  output_schema: {},
  training: {
    input_schema: {
      type: 'object',
      properties: { pages: { format: 'file' }, epochs: { type: 'integer', default: 3 } },
    },
    output_schema: { type: 'object', properties: { weights: { format: 'file' } } },
  },
})

const noSteering: ApiDeps['steering'] = {
  steering: async () => ({
    ...{ isSet: false, previous: null, traffic: [], guard: null, outcomes: new Map(), returned: new Map(), events: [] },
  }),
  traffic: async () => [],
  promote: async () => 'missing',
  rollback: async () => 'missing',
  split: async () => ({ outcome: 'done' }),
}

export const CONFIG: ApiConfig = {
  publicUrl: undefined,
  apiKey: undefined,
  insecure: false,
  maxBodyBytes: 1024 * 1024,
  maxUploadBytes: 4 * 1024 * 1024,
  maxImagePixels: 100_000_000,
  maxTenantJobs: 10_000,
  tenantWeights: {},
  tenantRunning: {},
  retentionSeconds: 604_800,
  maxTenantStreams: 50,
  maxLinkStreams: 20,
  maxStreams: 10_000,
  streamSeconds: 900,
  docs: true,
  ui: true,
  keepAliveSeconds: 75,
  maxConnections: 1000,
  toolSeconds: 45,
  trustedProxies: [],
  corsOrigins: [],
  replicateOwner: 'millrace',
}

const NOT_PAUSED: Pauses = { model: null, versions: {} }
const NO_PAUSES = { pauses: async () => NOT_PAUSED, pause: async () => undefined, resume: async () => undefined }

const anAction: JobAction = {
  ...{ object: 'job_action', id: `act_${'0'.repeat(26)}`, action: 'cancel', filter: { model: 'ocr' }, dry_run: false },
  ...{ status: 'done', expect_count: 0, matched: 0, done: 0, stopping: 0, skipped: 0, skipped_by: {}, failed: 0 },
  ...{ created_at: new Date(0).toISOString(), finished_at: new Date(0).toISOString() },
}
/** Any action has ended at once, and nothing matched. */
/** There is no batch, and none may begin. */
const noBatches: ApiDeps['batches'] = {
  begin: async () => 'limited',
  get: async () => undefined,
  list: async () => ({ batches: [], nextCursor: null }),
  change: async () => 'gone',
  counts: async () => ({ made: 0, succeeded: 0, failed: 0, canceled: 0, purged: 0 }),
}

const noJobActions = {
  begin: async () => ({ outcome: 'begun', id: anAction.id }),
  get: async () => anAction,
  list: async () => ({ actions: [anAction], nextCursor: null }),
  stop: async () => undefined,
  going: async () => undefined,
} as unknown as ApiDeps['jobActions']

/** No worker, nothing to cancel or to erase, nothing is written down or was used. */
const NO_OPERATIONS: Pick<
  ApiDeps,
  | 'workers'
  | 'batches'
  | 'jobActions'
  | 'cancellations'
  | 'relocations'
  | 'erasures'
  | 'audit'
  | 'usage'
  | 'minutes'
  | 'queues'
  | 'scaling'
> = {
  audit: {
    begin: async () => undefined,
    add: async () => undefined,
    list: async () => ({ entries: [], nextCursor: null }),
  },
  usage: {
    today: async () => 20_000,
    models: async () => [],
    tenants: async () => [],
    storedBytes: async () => 0,
    deviceToday: async () => ({ usedMs: 0, endsMs: 0 }),
    read: async () => ({ buckets: [], next: undefined }),
  },
  queues: { look: async () => ({ nowMs: 0, scheduled: 0, slots: 1, lines: [], linesTotal: 0 }) },
  scaling: { state: async () => undefined },
  minutes: { now: async () => 0, read: async () => [] },
  workers: {
    list: async () => ({ workers: [], nextCursor: null }),
    get: async () => undefined,
    wish: async () => false,
  },
  relocations: { begin: async () => '', get: async () => undefined },
  jobActions: noJobActions,
  batches: noBatches,
  erasures: { begin: async () => ({ outcome: 'uncounted' }), get: async () => undefined },
  cancellations: { begin: async () => ({ id: '', models: [] }), get: async () => undefined, page: async () => false },
}

const NO_CHANGES: ChangeFeed = {
  onEnd: () => () => undefined,
  follow: () => () => undefined,
  onCancel: () => () => undefined,
}

export async function createFixture(changes: Partial<ApiDeps> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-api-'))
  const objects = await FolderStore.open(folder)
  const submitted: NewJob[] = []
  const records: JobStand['records'] = new Map()
  const lines: string[] = []
  const control: JobStand['control'] = {}
  const jobs = createJobStand({ submitted, records, control })
  const state = {
    ...{ manifest: testManifest, workers: 1, queued: 2, running: 3, pauses: NOT_PAUSED },
    tally: { requeued: 4, failed: 1, canceled: 0, expired: 5 },
  }
  const models = {
    get: async (name: string) => (name === 'ocr' ? state : undefined),
    list: async () => [state],
    version: async (name: string, version: string) =>
      name === 'ocr' && version === testManifest.version ? testManifest : undefined,
    versions: async () => undefined,
    loads: async () => [],
    jobsOf: async (_tenant: string, names: readonly string[]) => names.map(() => ({ queued: 0, running: 0 })),
    ...NO_PAUSES,
  }
  const deps: ApiDeps = {
    jobs,
    models,
    ...NO_OPERATIONS,
    steering: noSteering,
    changes: NO_CHANGES,
    webhooks: { settings: {}, deliveries: {} } as ApiDeps['webhooks'],
    webhookGuard: createAddressGuard(),
    files: createFileStand(),
    ...({ keys: {}, tenants: { jobsOf: async () => [] } } as unknown as Pick<ApiDeps, 'keys' | 'tenants'>),
    inputGuard: createAddressGuard(),
    objects,
    logger: createLogger({ level: 'debug', format: 'json', write: (line) => lines.push(line) }),
    metrics: createMetrics(),
    config: CONFIG,
    fileSecret: 'a secret of the test',
    memoryPressure: () => false,
    ready: async () => ({ ok: true, reasons: [] }),
    ...changes,
  }
  const storedKeys = async (): Promise<string[]> => {
    const keys: string[] = []
    for await (const key of objects.list('')) keys.push(key)
    return keys
  }
  return {
    app: createApp(deps),
    deps,
    objects,
    submitted,
    records,
    lines,
    control,
    storedKeys,
    close: () => rm(folder, { recursive: true, force: true }),
  }
}
