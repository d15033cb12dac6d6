/**
 * Every setting of Millrace: its variable, meaning, default, and accepted values. `loadConfig` reads this table,
 * `renderEnvExample` prints it. Values are text; a default is text too and is read in the same way.
 */
import { LIMITS } from '@millrace/contracts'
import { z } from 'zod'
import {
  countOrAuto,
  devices,
  flag,
  folder,
  hosts,
  keyPrefix,
  optional,
  redisAddress,
  secret,
  setting,
  type SettingMeta,
  url,
  wholeNumber,
  word,
} from './setting-kinds.ts'
import { auditSettings } from './audit-settings.ts'
import { browserSettings } from './browser-settings.ts'
import { dialectSettings } from './dialect-settings.ts'
import { tenantSettings } from './tenant-settings.ts'

export type { SettingMeta }

const day = 86_400

/** Folders become absolute paths, addresses have no slash at the end, sizes are bytes, times are seconds. */
export const configSchema = z.object({
  port: setting('MILLRACE_PORT', '7070', 'Port of the API; 0 picks a free one.', wholeNumber(0, 65_535)),
  host: setting('MILLRACE_HOST', '127.0.0.1', 'Address the API listens on.', word),
  apiProcesses: setting(
    'MILLRACE_API_PROCESSES',
    '1',
    'Processes in which `millrace api` runs behind its one port; auto: one for each core that it may use.',
    countOrAuto(256),
  ),
  publicUrl: optional(
    'MILLRACE_PUBLIC_URL',
    'How clients reach the API, for the links in its answers. Default: its own address.',
    url('https:', 'http:').transform((text) => text.replace(/\/+$/, '')),
  ),
  ...dialectSettings,
  apiKey: secret(
    'MILLRACE_API_KEY',
    'Key that clients send as `Authorization: Bearer <key>`, at least 16 characters. Default: no key is needed.',
    z.string().regex(/^[\x21-\x7e]{16,}$/, 'expected at least 16 visible ASCII characters'),
  ),
  insecure: setting(
    'MILLRACE_INSECURE',
    'false',
    'Allow listening beyond this machine, or a public URL, although no API key is set.',
    flag,
  ),
  ...auditSettings,
  ...browserSettings,
  keepAliveSeconds: setting(
    'MILLRACE_KEEP_ALIVE_SECONDS',
    '75',
    'Seconds that the API keeps an idle connection. It must be more than a load balancer in front of it keeps its own.',
    wholeNumber(1, 3600),
  ),
  maxConnections: setting(
    'MILLRACE_MAX_CONNECTIONS',
    '20000',
    'Connections that an API holds open, in all its processes; above it idle ones are closed, then requests answer 503.',
    wholeNumber(1, 1_000_000),
  ),

  clientUrl: optional(
    'MILLRACE_URL',
    'Server that `millrace submit`, `jobs` and similar commands use. Default: port MILLRACE_PORT of this machine.',
    url('http:', 'https:').transform((text) => text.replace(/\/+$/, '')),
  ),

  dataDir: setting('MILLRACE_DATA_DIR', '.millrace', 'Folder of the embedded Redis and of stored files.', folder),
  minFreeBytes: optional(
    'MILLRACE_MIN_FREE_BYTES',
    'Room that must stay free on the disk of stored files; uploads and large inputs are refused below it, large outputs wait. Default: 1 GiB, at most a twentieth of the disk.',
    wholeNumber(0, 1024 ** 4),
  ),
  models: setting('MILLRACE_MODELS', 'models', 'Folder that holds one folder per model.', folder),
  slots: setting(
    'MILLRACE_SLOTS',
    'cpu',
    'Where models run, with commas between: cpu, cpu*4 (four of them), cuda:0.',
    devices,
  ),

  hooks: optional(
    'MILLRACE_HOOKS',
    'Module whose hooks see submits before they are kept, and jobs after their end. The same for the API and all workers. See docs/hooks.md.',
    folder,
  ),

  python: optional(
    'MILLRACE_PYTHON',
    'Python for models without a virtual environment of their own. Default: python3 on PATH.',
    z.string(),
  ),

  redisUrl: secret(
    'REDIS_URL',
    'Redis or Valkey to use: redis://host, redis+cluster://host,host or redis+sentinel://host,host/primary; rediss for TLS. Default: `millrace dev` starts its own.',
    redisAddress,
  ),
  unsafeRedis: setting(
    'MILLRACE_UNSAFE_REDIS',
    'false',
    'Start even though Redis may lose jobs (no append-only file, or eviction).',
    flag,
  ),
  s3Bucket: optional('S3_BUCKET', 'Bucket for files. Default: a folder in MILLRACE_DATA_DIR.', word),
  s3Prefix: optional(
    'S3_PREFIX',
    'Prefix of every key, such as team/production, so that installations can share a bucket. Default: none.',
    keyPrefix,
  ),
  s3Endpoint: optional('S3_ENDPOINT', 'Address of an S3 that is not AWS.', url('https:', 'http:')),
  s3PublicEndpoint: optional(
    'S3_PUBLIC_ENDPOINT',
    'Address of that S3 as clients reach it, for signed links. Default: S3_ENDPOINT.',
    url('https:', 'http:'),
  ),
  s3Region: optional(
    'S3_REGION',
    'Region of the bucket. Default: AWS_REGION or the AWS profile; us-east-1 with S3_ENDPOINT.',
    word,
  ),
  s3PathStyle: optional(
    'S3_PATH_STYLE',
    'Whether the bucket is in the path of an address (true) or in its host name. Default: true with S3_ENDPOINT.',
    flag,
  ),
  s3Encryption: optional(
    'S3_SSE',
    'Encryption requested for each object: AES256 or aws:kms. Default: the one set for the bucket.',
    z.enum(['AES256', 'aws:kms'], 'expected AES256 or aws:kms'),
  ),
  s3KmsKeyId: optional('S3_SSE_KMS_KEY_ID', 'Key for S3_SSE=aws:kms. Default: the one of the account.', word),
  s3Checksums: setting(
    'S3_CHECKSUMS',
    'supported',
    'CRC checksums with each request: supported, or required for an S3 that refuses headers it does not know.',
    z.enum(['supported', 'required'], 'expected supported or required'),
  ),

  ...tenantSettings,
  maxBodyBytes: setting(
    'MILLRACE_MAX_BODY_BYTES',
    String(LIMITS.bodyBytes),
    'Largest JSON body of a request.',
    wholeNumber(1024, 64 * 1024 * 1024),
  ),
  maxUploadBytes: setting(
    'MILLRACE_MAX_UPLOAD_BYTES',
    String(1024 ** 3),
    'Largest body of a request with files, and largest file that is uploaded.',
    wholeNumber(1024, 1024 ** 4),
  ),
  retentionSeconds: setting(
    'MILLRACE_RETENTION_SECONDS',
    String(7 * day),
    'How long a finished job and its files are kept.',
    wholeNumber(60, 3650 * day),
  ),

  fileSeconds: setting(
    'MILLRACE_FILE_SECONDS',
    String(day),
    'How long an uploaded file is kept while no job uses it.',
    wholeNumber(60, 3650 * day),
  ),
  maxFetchBytes: setting(
    'MILLRACE_MAX_FETCH_BYTES',
    String(1024 ** 3),
    'Largest file that is fetched from an address in an input.',
    wholeNumber(1, 1024 ** 4),
  ),
  fetchSeconds: setting(
    'MILLRACE_FETCH_SECONDS',
    '300',
    'Longest time that one file may take to be fetched from an address in an input.',
    wholeNumber(1, day),
  ),
  fetchAllowHosts: setting(
    'MILLRACE_FETCH_ALLOW_HOSTS',
    '',
    'Hosts of your own network that addresses in inputs may name, with commas between: minio:9000, 10.1.0.0/16.',
    hosts,
  ),
  maxImagePixels: setting(
    'MILLRACE_MAX_IMAGE_PIXELS',
    String(0x3fff * 0x3fff),
    'Most pixels of an image in an input. Only the header of the image is read for this.',
    wholeNumber(1, 1_000_000_000_000),
  ),
  maxOutputFiles: setting(
    'MILLRACE_MAX_OUTPUT_FILES',
    String(LIMITS.outputFiles),
    'Files that one output may hold.',
    wholeNumber(0, LIMITS.outputFiles),
  ),
  maxOutputBytes: setting(
    'MILLRACE_MAX_OUTPUT_BYTES',
    String(16 * 1024 ** 3),
    'Files and JSON of one output together, in bytes.',
    wholeNumber(1024, 1024 ** 4),
  ),

  maxTenantStreams: setting(
    'MILLRACE_MAX_TENANT_STREAMS',
    '50',
    'Event streams of one tenant that an API holds open, in all its processes; above it the next answers 429.',
    wholeNumber(1, 1_000_000),
  ),
  maxLinkStreams: setting(
    'MILLRACE_MAX_LINK_STREAMS',
    '20',
    "Event streams that an API holds open, in all its processes, for all who have the signed address of one job's events.",
    wholeNumber(1, 1_000_000),
  ),
  maxStreams: setting(
    'MILLRACE_MAX_STREAMS',
    '10000',
    'Event streams that an API holds open, in all its processes and of all tenants; above it the next answers 503.',
    wholeNumber(1, 1_000_000),
  ),
  streamSeconds: setting(
    'MILLRACE_STREAM_SECONDS',
    '900',
    'Longest life of an event stream; its client then connects again and goes on where it was.',
    wholeNumber(1, day),
  ),

  webhookAllowHosts: setting(
    'MILLRACE_WEBHOOK_ALLOW_HOSTS',
    '',
    'Hosts of your own network that webhooks may go to, with commas between: hooks.internal, 10.1.0.0/16, [fd00::1]:8080.',
    hosts,
  ),
  webhookAllowHttp: setting(
    'MILLRACE_WEBHOOK_ALLOW_HTTP',
    'false',
    'Let webhooks go to public addresses without TLS too.',
    flag,
  ),
  webhookDispatch: setting(
    'MILLRACE_WEBHOOK_DISPATCH',
    'true',
    'Whether this worker sends the webhooks that are owed; at least one must.',
    flag,
  ),

  drainSeconds: setting(
    'MILLRACE_DRAIN_SECONDS',
    '30',
    'How long jobs in hand may go on when the process is told to stop; then they go back to the queue.',
    wholeNumber(0, day),
  ),
  lockSeconds: setting(
    'MILLRACE_LOCK_SECONDS',
    '8',
    'Silence after which a worker counts as lost and its jobs are given to another.',
    wholeNumber(2, 3600),
  ),
  workerHealthPort: optional(
    'MILLRACE_WORKER_HEALTH_PORT',
    'Port on which `millrace worker` answers /livez, /readyz and /metrics. Default: none.',
    wholeNumber(1, 65_535),
  ),

  logLevel: setting(
    'LOG_LEVEL',
    'info',
    'debug, info, warn, error or silent.',
    z.enum(['debug', 'info', 'warn', 'error', 'silent'], 'expected debug, info, warn, error or silent'),
  ),
  logFormat: setting(
    'LOG_FORMAT',
    'auto',
    'json, text, or auto: text on a terminal, else JSON.',
    z.enum(['auto', 'json', 'text'], 'expected auto, json or text'),
  ),
})

/** All settings, checked. Every process starts with them. */
export type Config = z.infer<typeof configSchema>

/** The settings, in the order of the schema. */
export function settings(): (SettingMeta & { key: string })[] {
  return Object.entries(configSchema.shape).map(([key, field]) => ({
    key,
    ...(field.meta() as unknown as SettingMeta),
  }))
}
