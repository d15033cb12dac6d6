/** What the API is made of: everything it needs is handed to `createApp`, nothing is looked up. Used by every route. */
import type { AuditNote, Log } from '@millrace/contracts'
import type { ServerResponse } from 'node:http'
import type { Hooks } from '@millrace/hooks'
import type { Config, Health, Metrics, Places } from '@millrace/process'
import type {
  AuditLog,
  Batches,
  Cancellations,
  ChangeFeed,
  Erasures,
  FileStore,
  JobActions,
  JobActionUpkeep,
  JobControl,
  JobIntake,
  JobReader,
  KeyStore,
  ModelMinutes,
  ModelControl,
  ModelReader,
  ModelScaling,
  ModelSteering,
  QueueStates,
  Relocations,
  RepeatStore,
  TenantStore,
  UsageStore,
  WebhookStore,
  WorkerControl,
  WorkerReader,
} from '@millrace/queue'
import type { DirectAccess, ObjectEraser, ObjectReader, ObjectWriter } from '@millrace/storage'
import type { AddressGuard } from '@millrace/webhooks'
import type { Context } from 'hono'
import type { KeyRing } from './access/key-ring.ts'
import type { Principal } from './access/principal.ts'
import type { TenantRing } from './limits/tenant-ring.ts'

/** The settings the API reads; see the config schema for what each means. */
export type ApiConfig = Pick<
  Config,
  | 'publicUrl'
  | 'apiKey'
  | 'insecure'
  | 'maxBodyBytes'
  | 'maxUploadBytes'
  | 'maxImagePixels'
  | 'maxTenantJobs'
  | 'tenantWeights'
  | 'tenantRunning'
  | 'retentionSeconds'
  | 'maxTenantStreams'
  | 'maxLinkStreams'
  | 'maxStreams'
  | 'streamSeconds'
  | 'docs'
  | 'ui'
  | 'keepAliveSeconds'
  | 'maxConnections'
  | 'toolSeconds'
  | 'trustedProxies'
  | 'corsOrigins'
  | 'replicateOwner'
>

/** How often the streams of events are looked after. */
export interface StreamPace {
  /** After this long without an event a watcher is sent a comment. Milliseconds. */
  heartbeatMs: number
  /** A watcher that has not read for this long is cut off. Milliseconds. */
  stuckMs: number
  /** From one look at where a watched job waits to the next, at least. Milliseconds. */
  placeMs: number
  /** How often all of that is looked at. Milliseconds. */
  tickMs: number
}

/** A file that a browser loads. */
export interface PageFile {
  /** `index.html`, or a name that tells the content. */
  name: string
  bytes: Uint8Array
}

/** Reads or makes all files of the page. */
export type ReadPage = () => Promise<readonly PageFile[]>

/** Judges an address by its text. */
export type WebhookGuard = Pick<AddressGuard, 'check'>

export interface ApiDeps {
  jobs: JobIntake & JobReader & JobControl
  models: ModelReader & ModelControl
  workers: WorkerReader & WorkerControl
  cancellations: Cancellations
  relocations: Relocations
  erasures: Erasures
  jobActions: JobActions & JobActionUpkeep
  batches: Batches
  /** Default: no create without a key is known again. */
  repeats?: RepeatStore
  steering: ModelSteering
  changes: ChangeFeed
  webhooks: Pick<WebhookStore, 'settings' | 'deliveries'>
  /** Judges the addresses that clients want webhooks sent to. */
  webhookGuard: WebhookGuard
  keys: KeyStore
  tenants: TenantStore
  /** What holds for each tenant. Default: for all what the installation has. */
  tenantRing?: Pick<TenantRing, 'of'>
  audit: AuditLog
  usage: UsageStore
  minutes: ModelMinutes
  queues: QueueStates
  scaling: ModelScaling
  /** The keys that let in beside the one of the settings. Default: none do. */
  keyRing?: Pick<KeyRing, 'find' | 'stillLetsIn'>
  objects: ObjectReader & ObjectWriter & ObjectEraser & DirectAccess
  files: FileStore
  /** Those of the operator. Default: none. */
  hooks?: Hooks | undefined
  /** Judges addresses in inputs by their text. */
  inputGuard: Pick<AddressGuard, 'check'>
  logger: Log
  /** A fresh set: `createApp` adds its own metrics to it and serves it at /metrics. */
  metrics: Metrics
  config: ApiConfig
  /** Signs file addresses; the same in all processes of an installation. A function is asked until it answers once. */
  fileSecret: string | (() => Promise<string>)
  /** True while Redis is close to its memory limit: submits are refused, everything else goes on. Asked per submit. */
  memoryPressure(): boolean
  /** Whether requests can be served now; for /readyz. */
  ready(): Promise<Health>
  /** See StartApiOptions. Default: never. */
  awaitsModels?: (() => boolean) | undefined
  /** This process' part of what an API may hold in memory, as a part of 1. Default: all of it. */
  share?: number
  /** Those of the event streams. Default: counted in this process. */
  places?: Places
  /** Aborted when the server closes: long polls answer at once with what they know, event streams say goodbye. */
  closing?: AbortSignal
  /** See StartApiOptions. Default: there is no page. */
  page?: ReadPage | undefined
  /** How often event streams are looked after; default STREAM_PACE. */
  streamPace?: Partial<StreamPace>
}

export interface ApiEnv {
  /** What Node's server hands over; absent where the app is called without one. */
  Bindings: { outgoing?: ServerResponse }
  Variables: {
    requestId: string
    /** The answer was made with them; see standard-headers.ts. */
    hasStandardHeaders?: boolean
    /** Pattern of the route, for logs and metrics; absent when none matched. */
    route?: string
    /** Who asks; absent when no key was needed. */
    principal?: Principal
    /** For the log, where a signed address was used: whose job it lets follow. */
    tenant?: string
    /** For the log. */
    jobId?: string
    /** See noteAudit. */
    auditNote?: AuditNote
  }
}

export type ApiContext = Context<ApiEnv>
