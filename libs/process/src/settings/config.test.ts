import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { assertSafeToListen, ConfigError, loadConfig } from './config.ts'
import { renderEnvExample } from './render-env-example.ts'

function faultsOf(env: Record<string, string>): string[] {
  try {
    loadConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
  return []
}

describe('loadConfig', () => {
  it('gives every setting its default, with folders as absolute paths', () => {
    expect(loadConfig({})).toMatchObject({
      port: 7070,
      host: '127.0.0.1',
      dataDir: resolve('.millrace'),
      models: resolve('models'),
      slots: 'cpu',
      maxOpenJobs: 100_000,
      retentionSeconds: 604_800,
      insecure: false,
    })
  })

  it('takes an empty variable as unset', () => {
    const config = loadConfig({ MILLRACE_PORT: '', MILLRACE_API_KEY: ' ' })
    expect([config.port, config.apiKey]).toEqual([7070, undefined])
  })

  it('reads numbers by tenant', () => {
    const config = loadConfig({ MILLRACE_TENANT_WEIGHTS: 'acme=5,beta=2' })
    expect([config.tenantWeights, config.tenantRunning]).toEqual([{ acme: 5, beta: 2 }, {}])
    for (const text of ['acme', 'acme=0', 'acme=1001', 'acme=1,acme=2', 'acme=1;beta=2', 'a b=1', 'acme=1beta=2']) {
      expect(faultsOf({ MILLRACE_TENANT_WEIGHTS: text })).toHaveLength(1)
    }
  })

  it('tells every fault at once, with the variable, what was expected and what was given', () => {
    expect(
      faultsOf({ MILLRACE_PORT: '70000', LOG_LEVEL: 'loud', MILLRACE_SLOTS: 'gpu', S3_ENDPOINT: 'minio' }),
    ).toEqual([
      'MILLRACE_PORT: expected a whole number from 0 to 65535, got "70000"',
      'MILLRACE_SLOTS: expected devices such as cpu, cpu*4 or cuda:0,cuda:1, got "gpu"',
      'S3_ENDPOINT: expected an address such as https://host, got "minio"',
      'LOG_LEVEL: expected debug, info, warn, error or silent, got "loud"',
    ])
  })

  it.each(['-1', '1.5', '0x10', '1e3', 'many', '9'.repeat(40)])('refuses %s as a number', (text) => {
    expect(faultsOf({ MILLRACE_MAX_OPEN_JOBS: text })[0]).toContain('MILLRACE_MAX_OPEN_JOBS: expected a whole number')
  })

  it('refuses a MILLRACE_ name that does not exist and names the nearest one', () => {
    expect(faultsOf({ MILLRACE_PROT: '80' })).toEqual(['MILLRACE_PROT is not a setting; did you mean MILLRACE_PORT?'])
    expect(faultsOf({ MILLRACE_TURBO_ENCABULATOR: '1' })).toEqual(['MILLRACE_TURBO_ENCABULATOR is not a setting'])
  })

  it('takes a prefix for the bucket without the slashes around it, and none that could mean two things', () => {
    expect(loadConfig({ S3_PREFIX: '/team-a/production/' }).s3Prefix).toBe('team-a/production')
    for (const prefix of ['a//b', '../a', 'a/./b', 'a b', '/', 'a'.repeat(201)]) {
      expect(faultsOf({ S3_PREFIX: prefix })[0]).toContain('S3_PREFIX: expected names')
    }
  })

  it('refuses a key for an encryption that would not use it', () => {
    expect(faultsOf({ S3_SSE: 'AES256', S3_SSE_KMS_KEY_ID: 'key' })[0]).toContain('S3_SSE_KMS_KEY_ID is set')
    expect(faultsOf({ S3_SSE: 'aws:kms', S3_SSE_KMS_KEY_ID: 'key' })).toEqual([])
  })

  it('leaves names of other programs alone', () => {
    expect(faultsOf({ PORT: 'x', AWS_REGION: 'y' })).toEqual([])
  })

  it('never repeats a secret in a fault', () => {
    const faults = faultsOf({ MILLRACE_API_KEY: 'hunter2', REDIS_URL: 'http://user:hunter2@host' })
    expect(faults).toHaveLength(2)
    expect(faults.join()).not.toContain('hunter2')
  })

  it('refuses an S3 endpoint without a bucket, for files would silently go to a folder', () => {
    expect(faultsOf({ S3_ENDPOINT: 'http://minio:9000' })[0]).toContain('S3_BUCKET is not')
    expect(faultsOf({ S3_ENDPOINT: 'http://minio:9000', S3_BUCKET: 'files' })).toEqual([])
  })

  describe('with secrets in files', () => {
    let folder = ''
    const file = (text: string): string => {
      folder = mkdtempSync(join(tmpdir(), 'millrace-config-'))
      writeFileSync(join(folder, 'key'), text)
      return join(folder, 'key')
    }
    afterEach(() => rmSync(folder, { recursive: true, force: true }))

    it('reads one without its final newline', () => {
      expect(loadConfig({ MILLRACE_API_KEY_FILE: file('sixteen-letters!\n') }).apiKey).toBe('sixteen-letters!')
    })

    it('refuses one that is not there, is empty, or is given twice', () => {
      expect(faultsOf({ REDIS_URL_FILE: 'nowhere/at/all' })[0]).toContain(
        'REDIS_URL_FILE: nowhere/at/all cannot be read',
      )
      expect(faultsOf({ MILLRACE_API_KEY_FILE: file('\n') })[0]).toContain('is empty')
      const twice = { MILLRACE_API_KEY: 'sixteen-letters!', MILLRACE_API_KEY_FILE: file('another-16-letters') }
      expect(faultsOf(twice)[0]).toContain('are both set')
    })
  })
})

describe('assertSafeToListen', () => {
  it('lets an API without a key listen on this machine only', () => {
    for (const host of ['127.0.0.1', 'localhost', '::1']) {
      expect(() => assertSafeToListen(loadConfig({ MILLRACE_HOST: host }))).not.toThrow()
    }
    for (const host of ['0.0.0.0', '::', '10.0.0.4', '127.evil.example']) {
      expect(() => assertSafeToListen(loadConfig({ MILLRACE_HOST: host }))).toThrow(ConfigError)
    }
  })

  it('is content with a key, or with being told that none is wanted', () => {
    const open = { MILLRACE_HOST: '0.0.0.0' }
    expect(() => assertSafeToListen(loadConfig({ ...open, MILLRACE_API_KEY: 'sixteen-letters!' }))).not.toThrow()
    expect(() => assertSafeToListen(loadConfig({ ...open, MILLRACE_INSECURE: 'true' }))).not.toThrow()
  })
})

describe('assertSafeToListen, of the name under which others reach the API', () => {
  const named =
    (url: string, more = {}) =>
    () =>
      assertSafeToListen(loadConfig({ MILLRACE_PUBLIC_URL: url, ...more }))

  it('refuses one for others without a key', () => {
    for (const url of ['https://jobs.example.com', 'http://10.0.0.4:7070', 'https://localhost.example.com']) {
      expect(named(url)).toThrow(ConfigError)
      expect(named(url, { MILLRACE_API_KEY: 'sixteen-letters!' })).not.toThrow()
      expect(named(url, { MILLRACE_INSECURE: 'true' })).not.toThrow()
    }
  })

  it('takes one of this machine', () => {
    for (const url of ['http://localhost:7070', 'http://127.0.0.1:80', 'http://[::1]:7070'])
      expect(named(url)).not.toThrow()
  })
})

describe('renderEnvExample', () => {
  it('is itself a set of settings that loads to the defaults', () => {
    const lines = renderEnvExample().split('\n')
    const pairs = lines.filter((line) => /^[A-Z]/.test(line)).map((line) => line.split('=') as [string, string])
    expect(pairs.length).toBeGreaterThan(15)
    expect(loadConfig(Object.fromEntries(pairs))).toEqual(loadConfig({}))
  })
})
