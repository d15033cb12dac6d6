/**
 * The only place that reads the environment. Every `main.ts` calls `loadConfig` once and passes the result on. All
 * faults are reported together, each with its variable and what was expected. The value of a secret is never shown.
 */
import { readFileSync } from 'node:fs'
import { type Config, configSchema, type SettingMeta, settings } from './config-schema.ts'
import { nearestName } from '../nearest-name.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Settings that cannot be used. `faults` has one sentence per variable. */
export class ConfigError extends Error {
  readonly faults: string[]

  constructor(faults: string[]) {
    super(faults.join('\n'))
    this.name = 'ConfigError'
    this.faults = faults
  }
}

/**
 * Reads and checks every setting. An empty variable counts as not set. Throws ConfigError for values that do not fit,
 * for `MILLRACE_*` names that do not exist, and for settings that contradict each other.
 */
export function loadConfig(env: Env = process.env): Config {
  const known = settings()
  const faults = unknownNames(env, known)
  const given: Record<string, string> = {}
  for (const setting of known) {
    const text = readSetting(env, setting, faults)
    if (text !== undefined) given[setting.key] = text
  }
  const parsed = configSchema.safeParse(given)
  for (const issue of parsed.error?.issues ?? []) {
    const setting = known.find(({ key }) => key === issue.path[0])
    if (setting) faults.push(describeFault(setting, issue.message, given[setting.key]))
  }
  if (parsed.data) faults.push(...contradictions(parsed.data))
  if (faults.length > 0 || !parsed.data) throw new ConfigError(faults)
  return parsed.data
}

/**
 * Throws ConfigError when an API with these settings would be open to a network without a key, either by the address
 * that it listens on or by the name under which a proxy makes it reachable.
 */
export function assertSafeToListen(config: Pick<Config, 'host' | 'publicUrl' | 'apiKey' | 'insecure'>): void {
  if (config.apiKey !== undefined || config.insecure) return
  const mend = 'set MILLRACE_API_KEY, or MILLRACE_INSECURE=true to go without'
  const faults: string[] = []
  if (!isLoopback(config.host)) faults.push(`MILLRACE_HOST ${config.host} is reachable from other machines: ${mend}`)
  if (config.publicUrl !== undefined && !isLoopback(new URL(config.publicUrl).hostname)) {
    faults.push(`MILLRACE_PUBLIC_URL ${config.publicUrl} is how others reach this API, and it asks for no key: ${mend}`)
  }
  if (faults.length > 0) throw new ConfigError(faults)
}

/** True when only this machine can be reached under the name or address. */
export function isLoopback(host: string): boolean {
  return /^(localhost|.+\.localhost|\[?::1\]?|127\.\d+\.\d+\.\d+)$/i.test(host)
}

function readSetting(env: Env, setting: SettingMeta, faults: string[]): string | undefined {
  const direct = env[setting.env]?.trim() || undefined
  const file = setting.secret ? env[`${setting.env}_FILE`]?.trim() : undefined
  if (!file) return direct
  if (direct !== undefined) {
    faults.push(`${setting.env} and ${setting.env}_FILE are both set: keep one`)
    return direct
  }
  try {
    const text = readFileSync(file, 'utf8').trim()
    if (text === '') faults.push(`${setting.env}_FILE: ${file} is empty`)
    return text || undefined
  } catch (error) {
    faults.push(`${setting.env}_FILE: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`)
    return undefined
  }
}

function unknownNames(env: Env, known: SettingMeta[]): string[] {
  const names = known.flatMap(({ env: name, secret }) => (secret ? [name, `${name}_FILE`] : [name]))
  const strangers = Object.keys(env).filter((name) => name.startsWith('MILLRACE_') && !names.includes(name))
  return strangers.map((name) => {
    const nearest = nearestName(name, names)
    return `${name} is not a setting${nearest ? `; did you mean ${nearest}?` : ''}`
  })
}

function describeFault(setting: SettingMeta, expected: string, given: string | undefined): string {
  const got = setting.secret || given === undefined ? '' : `, got ${JSON.stringify(given)}`
  return `${setting.env}: ${expected}${got}`
}

function contradictions(config: Config): string[] {
  const faults: string[] = []
  if (config.s3Endpoint !== undefined && config.s3Bucket === undefined) {
    faults.push('S3_ENDPOINT is set but S3_BUCKET is not: files would go to a folder')
  }
  if (config.s3KmsKeyId !== undefined && config.s3Encryption !== 'aws:kms') {
    faults.push('S3_SSE_KMS_KEY_ID is set but S3_SSE is not aws:kms: the key would not be used')
  }
  if (config.maxTenantJobs > config.maxOpenJobs) {
    faults.push('MILLRACE_MAX_TENANT_JOBS is above MILLRACE_MAX_OPEN_JOBS: one tenant could take the whole queue')
  }
  return faults
}
