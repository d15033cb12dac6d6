/**
 * Checks that Redis answers, keeps what it is given, answers fast and agrees on the time. Without a named Redis, checks that
 * one can be started. Called by run-checks.ts.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { nameOfRedis, parseRedisAddress } from '@millrace/contracts'
import { type Config, findProgram, REDIS_SERVERS } from '@millrace/process'
import { hardshipsOf, probeRedis, type RedisProbe, RedisProbeError } from '@millrace/queue'
import { installAdvice } from '../redis/install-advice.ts'
import { fail, type Finding, ok, warn } from './finding.ts'

const SLOW_PING_MS = 10
const CLOCK_MS = 2000

export async function checkRedis(config: Config, searchPath: string | undefined): Promise<Finding[]> {
  if (config.redisUrl === undefined) return [await checkProgram(searchPath)]
  const name = nameOfRedis(parseRedisAddress(config.redisUrl))
  try {
    return findingsOf(name, await probeRedis(config.redisUrl), config.unsafeRedis)
  } catch (error) {
    if (!(error instanceof RedisProbeError)) throw error
    return [failAt(name, error)]
  }
}

function findingsOf(name: string, probe: RedisProbe, unsafeAllowed: boolean): Finding[] {
  const { faults, version, pingMs, clockAheadMs, memoryShare, unsupported, denied, outages = [], advice } = probe
  if (unsupported) return [failAt(name, unsupported)]
  const kind = probe.shards === undefined ? '' : `, a cluster of ${probe.shards} shards`
  const findings = [ok('redis', `Redis ${version} answers at ${name}${kind}, a PING takes ${pingMs.toFixed(1)} ms.`)]
  for (const outage of outages) findings.push(fail('redis', outage, 'Start it, or have a replica take its place.'))
  for (const { message, mend } of advice) findings.push(warn('redis', message, mend))
  for (const fault of denied) {
    findings.push(fail('redis', fault, 'Give this user the rights that docs/deploy.md lists under Redis.'))
  }
  for (const fault of faults) {
    const mend = 'Change redis.conf and restart Redis, or use CONFIG SET and CONFIG REWRITE.'
    findings.push(unsafeAllowed ? warn('redis', fault, mend) : fail('redis', fault, mend))
  }
  if (pingMs > SLOW_PING_MS) {
    findings.push(
      warn(
        'redis',
        `Redis is slow to answer: ${pingMs.toFixed(0)} ms.`,
        'Move Redis closer to the API and the workers.',
      ),
    )
  }
  if (memoryShare === 0) {
    const mend = 'Set maxmemory somewhat below the memory of its machine.'
    findings.push(warn('redis', 'Redis has no maxmemory: when memory runs out the system may kill it.', mend))
  }
  const { refusals, warnings } = hardshipsOf(probe)
  for (const { message, mend } of refusals) findings.push(fail('redis', message, mend))
  for (const { kind, message, mend } of warnings) {
    findings.push((kind === 'full' ? fail : warn)('redis', message, mend))
  }
  if (Math.abs(clockAheadMs) > CLOCK_MS) {
    const by = `${(Math.abs(clockAheadMs) / 1000).toFixed(1)} s ${clockAheadMs > 0 ? 'ahead of' : 'behind'}`
    const mend = 'Run a time service (chrony, systemd-timesyncd) on both machines.'
    findings.push(warn('clock', `The clock of Redis is ${by} this machine's.`, mend))
  }
  return findings
}

/** The finding names the Redis that it is about. */
function failAt(name: string, { code, reason, mend }: Pick<RedisProbeError, 'code' | 'reason' | 'mend'>): Finding {
  const told = reason.startsWith('Redis ') ? reason.replace('Redis', `Redis at ${name}`) : `${reason}, at ${name}`
  return fail('redis', `${told} (${code}).`, mend)
}

async function checkProgram(searchPath: string | undefined): Promise<Finding> {
  const mend = installAdvice(searchPath)
  const program = findProgram(REDIS_SERVERS, searchPath)
  if (!program) return fail('redis', 'REDIS_URL is not set, and no redis-server or valkey-server was found.', mend)
  const version = await versionOf(program)
  if (version === undefined) return fail('redis', `${program} does not start.`, mend)
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major < 6 || (major === 6 && minor < 2)) {
    return fail('redis', `${program} is version ${version}; 6.2 is the oldest that works.`, mend)
  }
  return ok('redis', `REDIS_URL is not set; \`millrace dev\` starts ${program} (${version}).`)
}

async function versionOf(program: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(program, ['--version'], { timeout: 5000 })
    return /\bv=(\d+\.\d+[.\d]*)/.exec(stdout)?.[1]
  } catch {
    return undefined
  }
}
