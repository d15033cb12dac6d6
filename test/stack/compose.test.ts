/** The compose file, held against the published schema and the code: settings, health, rights, and what it takes to stop. */
import { readFileSync } from 'node:fs'
import { loadConfig } from '@millrace/process'
import { describe, expect, it } from 'vitest'
import { type ComposeService, parseCompose, secondsOf } from './read-compose.ts'
import { imageOf } from './read-dockerfile.ts'
import { compose, dockerfile, ROOT } from './dockerfile-and-compose.ts'

const stack = compose()
const all = Object.entries(stack.services)
const own = all.filter(([, { build }]) => build)
const others = all.filter(([, { build }]) => !build)

const settingsOf = ({ environment = {}, build }: ComposeService): Record<string, string> => ({
  ...imageOf(dockerfile(), build?.target ?? '').env,
  ...Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)])),
})

describe('docker-compose.yml', () => {
  it('has Redis, an S3 server, the API and three kinds of worker', () => {
    expect(own.map(([name]) => name)).toEqual(['api', 'worker', 'worker-python', 'worker-gpu'])
    expect(others.map(([name]) => name)).toEqual(['redis', 's3'])
  })

  it.each([
    ['a key that there is not', '    read_only: true', '    read_onyl: true', '/services/redis'],
    ['a value of another type', 'stop_grace_period: 30s', 'stop_grace_period: 30', 'stop_grace_period'],
    ['a condition that there is not', 'condition: service_healthy', 'condition: service_well', 'depends_on/redis'],
    ['a device without what it is for', 'capabilities: [gpu]', 'options: {}', 'reservations/devices/0'],
    ['a network with an unknown setting', 'internal: true', 'inner: true', '/networks/store'],
    ['a top-level key that there is not', '\nvolumes:', '\nvolume:', 'additional properties'],
  ])('is held against the published schema, which refuses %s', (_, from, to, where) => {
    const text = readFileSync(`${ROOT}/docker-compose.yml`, 'utf8')
    expect(text).toContain(from)
    const broken = text.replace(from, to)
    expect(() => parseCompose(broken, { MILLRACE_API_KEY: 'k', S3_PASSWORD: 'p' })).toThrow(/^no compose file: /)
    expect(() => parseCompose(broken, { MILLRACE_API_KEY: 'k', S3_PASSWORD: 'p' })).toThrow(where)
  })

  it('uses nothing that is not checked here: what is allowed and not known is an error', () => {
    const text = 'name: a\nservices: { b: { image: c, privileged: true } }\nnetworks: {}\nvolumes: {}'
    expect(() => parseCompose(text, {})).toThrow('privileged')
  })

  it('does not start without a key, nor with a password for the S3 server that everybody knows', () => {
    expect(() => compose({ MILLRACE_API_KEY: '' })).toThrow('set it to a key')
    expect(() => compose({ S3_PASSWORD: '' })).toThrow('set it to a password of your own')
  })

  it('lets a second installation have other ports, and names them in its addresses', () => {
    const { api, s3, worker } = compose({ API_PORT: '17070', S3_PORT: '18333' }).services
    expect([api?.ports, s3?.ports]).toEqual([['127.0.0.1:17070:7070'], ['127.0.0.1:18333:8333']])
    for (const part of [api, worker]) {
      expect(part?.environment).toMatchObject({
        MILLRACE_PUBLIC_URL: 'http://127.0.0.1:17070',
        S3_PUBLIC_ENDPOINT: 'http://127.0.0.1:18333',
      })
    }
  })

  it('tells nobody about itself', () => {
    expect(stack.services.s3?.command).toContain('-master.telemetry=false')
  })

  it('gives no part more rights than it needs', () => {
    for (const [name, part] of all) {
      expect([name, part.cap_drop, part.security_opt]).toEqual([name, ['ALL'], ['no-new-privileges:true']])
      expect(part.ports ?? []).toEqual((part.ports ?? []).filter((port) => port.startsWith('127.0.0.1:')))
    }
    for (const [, part] of own) {
      expect(part).toMatchObject({ read_only: true, init: true, tmpfs: ['/tmp'] })
      expect([part.cap_add, part.user]).toEqual([undefined, undefined])
    }
  })

  it('lets only those reach Redis who need it', () => {
    expect(stack.networks.store).toEqual({ internal: true })
    expect(stack.services.redis?.networks).toEqual(['store'])
    expect(stack.services.redis?.ports).toBeUndefined()
  })

  it('takes images of others in an exact version, and by their digest', () => {
    for (const [, { image }] of others) expect(image).toMatch(/:\d+\.\d+(\.\d+)?(-[a-z]+)?@sha256:[0-9a-f]{64}$/)
  })

  it('waits only for what has a way to say that it is well, and names only what is there', () => {
    for (const [, part] of all) {
      for (const [name, { condition }] of Object.entries(part.depends_on ?? {})) {
        expect(condition).toBe('service_healthy')
        expect(stack.services[name]?.healthcheck?.test[0]).toBe('CMD')
      }
      for (const network of part.networks ?? []) expect(stack.networks).toHaveProperty(network)
      for (const volume of part.volumes ?? []) {
        if (!volume.startsWith('/')) expect(stack.volumes).toHaveProperty(volume.split(':')[0] ?? '')
      }
    }
  })

  it.each(own)('%s sets only settings that exist, to values that they take, of one stack', (_, part) => {
    const env = settingsOf(part)
    const config = loadConfig(env)
    expect(config.redisUrl).toBe('redis://redis:6379')
    expect([config.s3Bucket, config.s3Endpoint]).toEqual([stack.services.s3?.environment?.S3_BUCKET, 'http://s3:8333'])
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) {
      expect(env[name]).toBe(stack.services.s3?.environment?.[name])
    }
  })

  it.each(own)('%s has more time to stop than it needs to drain', (_, part) => {
    expect(secondsOf(part.stop_grace_period)).toBeGreaterThan(loadConfig(settingsOf(part)).drainSeconds)
  })

  it('serves the API at the port that its image opens', () => {
    const { exposed } = imageOf(dockerfile(), 'server')
    expect(stack.services.api?.ports).toEqual([`127.0.0.1:7070:${exposed[0]}`])
    expect(loadConfig(settingsOf(stack.services.api as ComposeService)).port).toBe(exposed[0])
  })

  it('can have any number of workers: nothing in them is there only once', () => {
    for (const [name, part] of own.filter(([each]) => each !== 'api')) {
      expect([name, part.ports, part.volumes]).toEqual([name, undefined, ['/data', 'cache:/data/.cache']])
    }
  })

  it('gives GPUs to one kind of worker, which is started only when asked for', () => {
    const gpu = stack.services['worker-gpu']
    expect(gpu?.profiles).toEqual(['gpu'])
    const device = { driver: 'nvidia', count: 'all', capabilities: ['gpu'] }
    expect(gpu?.deploy?.resources.reservations.devices).toEqual([device])
    expect(loadConfig(settingsOf(gpu as ComposeService)).slots).toBe('cuda:0')
  })
})
