/**
 * Every setting of Millrace, once: its variable, what it means, its default and what it accepts.
 * `loadConfig` reads it, `renderEnvExample` prints it. Values arrive as text; a default is text too, read the same way.
 */
import { resolve } from 'node:path'
import { LIMITS } from '@millrace/contracts'
import { z } from 'zod'

/** What is known of a setting beside the values it accepts. */
export interface SettingMeta {
  /** Name of its environment variable. */
  env: string
  description: string
  /** As one would write it in the environment; absent when there is none. */
  default?: string
  /** Never shown in an error; may be given as a path in `<name>_FILE`. */
  secret?: boolean
}

type Text<Out> = z.ZodType<Out, string>

const setting = <Out>(env: string, fallback: string, description: string, schema: Text<Out>) =>
  schema.prefault(fallback).meta({ env, description, default: fallback } satisfies SettingMeta)

const optional = <Out>(env: string, description: string, schema: Text<Out>) =>
  schema.optional().meta({ env, description } satisfies SettingMeta)

const secret = <Out>(env: string, description: string, schema: Text<Out>) =>
  schema.optional().meta({ env, description, secret: true } satisfies SettingMeta)

function wholeNumber(min: number, max: number): Text<number> {
  const message = `expected a whole number from ${min} to ${max}`
  return z
    .string()
    .regex(/^\d{1,15}$/, { message, abort: true })
    .transform(Number)
    .refine((value) => value >= min && value <= max, message)
}

const isUrl = (text: string, protocols: string[]): boolean =>
  URL.canParse(text) && protocols.includes(new URL(text).protocol)

const url = (...protocols: string[]): Text<string> =>
  z.string().refine((text) => isUrl(text, protocols), `expected an address such as ${protocols[0]}//host`)

const flag: Text<boolean> = z
  .enum(['true', 'false', '1', '0'], 'expected true or false')
  .transform((text) => text === 'true' || text === '1')

const word: Text<string> = z.string().regex(/^\S+$/, 'expected text without spaces')
const folder: Text<string> = z.string().transform((path) => resolve(path))
const devices: Text<string> = z
  .string()
  .regex(/^(cpu|cuda:\d+)(\*\d+)?(,(cpu|cuda:\d+)(\*\d+)?)*$/, 'expected devices such as cpu, cpu*4 or cuda:0,cuda:1')

const day = 86_400

/** Folders come out as absolute paths, addresses without a final slash, sizes in bytes, times in seconds. */
export const configSchema = z.object({
  port: setting('MILLRACE_PORT', '7070', 'Port of the API; 0 picks a free one.', wholeNumber(0, 65_535)),
  host: setting('MILLRACE_HOST', '127.0.0.1', 'Address the API listens on.', word),
  publicUrl: optional(
    'MILLRACE_PUBLIC_URL',
    'How clients reach the API, for the links in its answers. Default: its own address.',
    url('https:', 'http:').transform((text) => text.replace(/\/+$/, '')),
  ),
  apiKey: secret(
    'MILLRACE_API_KEY',
    'Key that clients send as `Authorization: Bearer <key>`, at least 16 characters. Default: none is asked for.',
    z.string().regex(/^[\x21-\x7e]{16,}$/, 'expected at least 16 visible ASCII characters'),
  ),
  insecure: setting(
    'MILLRACE_INSECURE',
    'false',
    'Allow listening beyond this machine although no API key is set.',
    flag,
  ),

  clientUrl: optional(
    'MILLRACE_URL',
    'Server that `millrace submit`, `jobs` and the like speak to. Default: port MILLRACE_PORT of this machine.',
    url('http:', 'https:').transform((text) => text.replace(/\/+$/, '')),
  ),

  dataDir: setting('MILLRACE_DATA_DIR', '.millrace', 'Folder of the embedded Redis and of stored files.', folder),
  models: setting('MILLRACE_MODELS', 'models', 'Folder that holds one folder per model.', folder),
  slots: setting(
    'MILLRACE_SLOTS',
    'cpu',
    'Where models run, with commas between: cpu, cpu*4 (four of them), cuda:0.',
    devices,
  ),

  python: optional(
    'MILLRACE_PYTHON',
    'Python for models without a virtual environment of their own. Default: python3 on PATH.',
    z.string(),
  ),

  redisUrl: secret(
    'REDIS_URL',
    'Redis or Valkey to use. Default: `millrace dev` starts its own.',
    url('redis:', 'rediss:'),
  ),
  unsafeRedis: setting(
    'MILLRACE_UNSAFE_REDIS',
    'false',
    'Start even though Redis may lose jobs (no append-only file, or eviction).',
    flag,
  ),
  s3Bucket: optional('S3_BUCKET', 'Bucket for files. Default: a folder in MILLRACE_DATA_DIR.', word),
  s3Endpoint: optional('S3_ENDPOINT', 'Address of an S3 that is not AWS.', url('https:', 'http:')),
  s3PublicEndpoint: optional(
    'S3_PUBLIC_ENDPOINT',
    'Address of that S3 as clients reach it, for signed links. Default: S3_ENDPOINT.',
    url('https:', 'http:'),
  ),
  s3Region: setting('S3_REGION', 'us-east-1', 'Region of the bucket.', word),

  maxOpenJobs: setting(
    'MILLRACE_MAX_OPEN_JOBS',
    '100000',
    'Open jobs per model, all tenants together; above it submits answer 503.',
    wholeNumber(1, 100_000_000),
  ),
  maxTenantJobs: setting(
    'MILLRACE_MAX_TENANT_JOBS',
    '10000',
    'Open jobs per model and tenant; above it submits answer 429.',
    wholeNumber(1, 100_000_000),
  ),
  maxBodyBytes: setting(
    'MILLRACE_MAX_BODY_BYTES',
    String(LIMITS.bodyBytes),
    'Largest JSON body of a request.',
    wholeNumber(1024, 64 * 1024 * 1024),
  ),
  maxUploadBytes: setting(
    'MILLRACE_MAX_UPLOAD_BYTES',
    String(1024 ** 3),
    'Largest file in a request.',
    wholeNumber(1024, 1024 ** 4),
  ),
  retentionSeconds: setting(
    'MILLRACE_RETENTION_SECONDS',
    String(7 * day),
    'How long a finished job and its files are kept.',
    wholeNumber(60, 3650 * day),
  ),

  maxTenantStreams: setting(
    'MILLRACE_MAX_TENANT_STREAMS',
    '50',
    'Event streams of one tenant that an API process holds open; above it the next answers 429.',
    wholeNumber(1, 1_000_000),
  ),
  maxStreams: setting(
    'MILLRACE_MAX_STREAMS',
    '10000',
    'Event streams that an API process holds open, all tenants together; above it the next answers 503.',
    wholeNumber(1, 1_000_000),
  ),
  streamSeconds: setting(
    'MILLRACE_STREAM_SECONDS',
    '900',
    'Longest life of an event stream; its client then connects again and goes on where it was.',
    wholeNumber(1, day),
  ),

  drainSeconds: setting(
    'MILLRACE_DRAIN_SECONDS',
    '30',
    'How long jobs in hand may go on when the process is told to stop; then they go back to the queue.',
    wholeNumber(0, day),
  ),
  lockSeconds: setting(
    'MILLRACE_LOCK_SECONDS',
    '30',
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

/** All settings, checked. What every process is started with. */
export type Config = z.infer<typeof configSchema>

/** The settings in the order of the schema. */
export function settings(): (SettingMeta & { key: string })[] {
  return Object.entries(configSchema.shape).map(([key, field]) => ({
    key,
    ...(field.meta() as unknown as SettingMeta),
  }))
}
