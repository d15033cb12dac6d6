import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { startRedis, type TestRedis } from '../../../../test/support/servers/redis-server.ts'
import { until } from '../../../../test/support/until.ts'
import { SCRIPTS } from './contract/scripts.ts'
import type { Script } from './contract/declare-script.ts'
import { defineScript } from './define-scripts.ts'
import { renderLibrary } from './render-script.ts'

let server: TestRedis
let admin: Redis
let redis: Redis

beforeAll(async () => {
  server = await startRedis({ appendonly: false })
  admin = new Redis(server.url)
})
afterAll(async () => {
  admin.disconnect()
  await server.stop()
})
beforeEach(async () => {
  redis?.disconnect()
  await admin.call('ACL', 'SETUSER', 'someone', 'reset', 'on', '>secret', '~*', '&*', '+@all')
  await admin.function('FLUSH')
  await admin.flushall()
  await admin.config('RESETSTAT')
  redis = new Redis(server.url, { username: 'someone', password: 'secret' })
})

const BEAT = { prefix: '{mr:x}:', lease: 1000, process: undefined, lines: [] }
const LOST = [{ id: 'job_x', fence: 1, waited_ms: undefined, progress: undefined, event: undefined }]
const beats = () => defineScript(redis, 'handout/beat', SCRIPTS['handout/beat'])
type Beat = ReturnType<typeof beats>
const beat = (call: Beat) => call({ ...BEAT, attempts: LOST } as never)

const libraries = async () => ((await admin.function('LIST')) as unknown[][]).map((one) => String(one[1])).sort()
/** Calls that were carried out. */
const timesOf = async (command: string) => {
  const info = await admin.info('commandstats')
  const [, calls, failed] = new RegExp(`cmdstat_${command}:calls=(\\d+).*failed_calls=(\\d+)`).exec(info) ?? []
  return Number(calls ?? 0) - Number(failed ?? 0)
}
const scriptsSent = async () => (await timesOf('eval')) + (await timesOf('evalsha'))
const isLoaded = () => until('it is loaded', async () => (await libraries()).length > 0)

it('answers from the first call on, and is sent by name as soon as Redis has it', async () => {
  const call = beats()
  expect(await beat(call)).toEqual(['lost'])
  expect(await scriptsSent()).toBe(1)
  await isLoaded()
  for (let i = 0; i < 5; i++) expect(await beat(call)).toEqual(['lost'])
  expect(await scriptsSent()).toBe(1)
  expect(await timesOf('fcall')).toBe(5)
})

it.each([
  ['flushed', () => admin.function('FLUSH')],
  [
    'restored from a file without functions',
    () => admin.function('DELETE', renderLibrary('handout/beat', SCRIPTS['handout/beat']).name),
  ],
])('answers each call once after functions were %s, and has them again', async (_what, lose) => {
  const call = beats()
  await beat(call)
  await isLoaded()
  await lose()
  const answers = await Promise.all(Array.from({ length: 20 }, () => beat(call)))
  expect(answers.every((one) => one[0] === 'lost')).toBe(true)
  await isLoaded()
  const before = await scriptsSent()
  await beat(call)
  expect(await scriptsSent()).toBe(before)
})

it.each([
  ['may not call functions', ['-fcall']],
  ['may not load them', ['-function']],
])('goes on with scripts as a user who %s, and does not ask at each call', async (_what, rules) => {
  await admin.call('ACL', 'SETUSER', 'someone', ...rules)
  const call = beats()
  for (let i = 0; i < 20; i++) expect(await beat(call)).toEqual(['lost'])
  expect(await scriptsSent()).toBe(20)
  const asked = /cmdstat_fcall:calls=(\d+).*rejected_calls=(\d+)/.exec(await admin.info('commandstats')) ?? []
  expect(Number(asked[1] ?? 0) + Number(asked[2] ?? 0)).toBeLessThan(5)
  expect(await libraries()).toEqual([])
})

it('throws what a function throws, and does not do it once more as a script', async () => {
  const call = beats()
  await beat(call)
  await isLoaded()
  await admin.set('{mr:x}:job:job_x', 'no record')
  await expect(beat(call)).rejects.toThrow('WRONGTYPE')
  await admin.call('ACL', 'SETUSER', 'someone', '-hmget')
  await expect(beat(call)).rejects.toThrow("can't run this command")
  expect(await scriptsSent()).toBe(1)
})

it('goes on as a script where memory is out, if it is none that goes on in the reserve', async () => {
  const submit = defineScript(redis, 'jobs/submit', SCRIPTS['jobs/submit'])
  const none = { model: 'm', tenant_limit: 1, model_limit: 1, jobs: [] }
  await submit(none)
  await isLoaded()
  await admin.config('SET', 'maxmemory', '1')
  expect(await submit(none)).toEqual([])
  await admin.config('SET', 'maxmemory', '0')
  expect(await scriptsSent()).toBe(2)
})

it('keeps functions of other versions beside its own, but not more and more of them', async () => {
  const { name } = renderLibrary('handout/beat', SCRIPTS['handout/beat'])
  const other = (n: number) => `mr_handout_beat_${String(n).padStart(16, '0')}`
  const load = (one: string) =>
    admin.function('LOAD', `#!lua name=${one}\nredis.register_function('${one}', function() return 1 end)`)
  await load('mr_handout_take_0000000000000000')
  for (let n = 1; n < 8; n++) await load(other(n))
  const call = beats()
  await beat(call)
  await until('it is loaded', async () => (await libraries()).includes(name))
  expect(await libraries()).toHaveLength(9)
  await load(other(8))
  await admin.function('DELETE', name)
  await beat(call)
  await until('others are gone', async () => (await libraries()).length === 2)
  expect(await libraries()).toEqual([name, 'mr_handout_take_0000000000000000'].sort())
})

it('can be made of every script', async () => {
  for (const [name, script] of Object.entries(SCRIPTS)) {
    await admin.function('LOAD', renderLibrary(name, script as Script).text)
  }
  expect(await libraries()).toHaveLength(Object.keys(SCRIPTS).length)
})
