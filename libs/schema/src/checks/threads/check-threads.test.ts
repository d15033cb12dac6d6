import { afterEach, expect, it, vi } from 'vitest'
import type { CheckRules } from '../validator/build-validator.ts'
import { CheckThread } from './check-thread.ts'
import { CheckThreads, type CheckThreadsOptions } from './check-threads.ts'
import { type Checker, createChecker } from '../create-checker.ts'

vi.setConfig({ testTimeout: 60_000 })

const rules: CheckRules = { files: 'texts', defaults: true, closed: true }
/** Only a backtracking engine can match this pattern, and texts of many `a` take it exponential time. */
const schema = {
  type: 'object',
  properties: { text: { type: 'string', pattern: '^(a+)+\\1b$' }, more: { default: 7 } },
}
const slow = { text: `${'a'.repeat(60)}c` }
const quick = () => ({ text: 'aab' })

const pools: CheckThreads[] = []
function open(options: Partial<CheckThreadsOptions> = {}): {
  threads: CheckThreads
  started: CheckThread[]
  checker: Checker
} {
  const started: CheckThread[] = []
  const threads = new CheckThreads({ checkMs: 1000, waitMs: 30_000, ...options }, (bounds) => {
    const thread = new CheckThread(bounds)
    started.push(thread)
    return thread
  })
  pools.push(threads)
  return { threads, started, checker: createChecker(schema, rules, threads) }
}
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.stopIdle()
})

const endOf = (checked: Promise<unknown>): Promise<string> =>
  checked.then(
    () => 'done',
    (error: Error & { reason?: string; scope?: string }) => [error.name, error.reason ?? error.scope].join(' '),
  )

it('a check that takes too long is stopped, and the next is done by another thread', async () => {
  const { checker, started } = open()
  expect((await checker.check({ value: quick() })).value).toEqual({ text: 'aab', more: 7 })
  expect(await endOf(checker.check({ value: slow }))).toBe('CheckTooCostlyError time')
  expect((await checker.check({ value: quick() })).total).toBe(0)
  expect(started.map(({ isOver }) => isOver)).toEqual([true, false])
})

it('of one tenant one check runs at a time, and another tenant does not wait for it', async () => {
  const { checker } = open()
  await checker.check({ value: quick(), tenant: 'b' })
  const ended: string[] = []
  const mine = ['a1', 'a2', 'a3'].map((name) =>
    endOf(checker.check({ value: slow, tenant: 'a' })).then(() => ended.push(name)),
  )
  await checker.check({ value: quick(), tenant: 'b' }).then(() => ended.push('b'))
  await Promise.all(mine)
  expect(ended.filter((name) => name !== 'b')).toEqual(['a1', 'a2', 'a3'])
  // The check of `b` may first have to start a thread.
  expect(ended.indexOf('b')).toBeLessThan(ended.indexOf('a2'))
})

it('those who wait take turns by tenant', async () => {
  const { checker } = open({ threads: 1 })
  await checker.check({ value: quick() })
  const ended: string[] = []
  const check = (tenant: string, name: string) =>
    endOf(checker.check({ value: quick(), tenant })).then(() => ended.push(name))
  await Promise.all([check('a', 'a1'), check('a', 'a2'), check('a', 'a3'), check('b', 'b1'), check('c', 'c1')])
  expect(ended).toEqual(['a1', 'b1', 'c1', 'a2', 'a3'])
})

it('what waits has a bound, in time and in what it weighs', async () => {
  const { checker } = open({ waitMs: 200, waitingPerTenant: 100_000 })
  await checker.check({ value: quick() })
  const running = endOf(checker.check({ value: slow }))
  const first = endOf(checker.check({ value: quick() }))
  expect(await endOf(checker.check({ value: { text: 'b'.repeat(100_000) } }))).toBe('ChecksBusyError tenant')
  expect(await first).toBe('ChecksBusyError tenant')
  expect(await running).toBe('CheckTooCostlyError time')
})

it('a check that takes too much memory is stopped, and the process lives on', async () => {
  const { threads, checker } = open({ heapMb: 24, checkMs: 20_000 })
  const large = createChecker({ ...schema, additionalProperties: true }, rules, threads)
  const value = { list: Array.from({ length: 400_000 }, (_, at) => ({ at })) }
  expect(await endOf(large.check({ value }))).toBe('CheckTooCostlyError memory')
  expect((await checker.check({ value: quick() })).total).toBe(0)
})

it('when more faults than the first take too much, the first is told', async () => {
  const { threads } = open({ heapMb: 32, checkMs: 20_000 })
  const anyOf = Array.from({ length: 500 }, (_, at) => ({ const: at }))
  const checker = createChecker({ type: 'object', properties: { list: { items: { anyOf } } } }, rules, threads)
  const value = { list: Array.from({ length: 900 }, () => 'none') }
  const { faults } = await checker.check({ value, all: true })
  expect(faults[0]).toMatchObject({ pointer: '/list/0', keyword: 'const' })
})

it('a thread that dies is replaced, and nobody notices', async () => {
  const { checker, started } = open()
  await checker.check({ value: quick() })
  const checked = checker.check({ value: quick() })
  await started[0]?.stop()
  expect((await checked).total).toBe(0)
  expect(started).toHaveLength(2)
})

it('a schema that cannot be used says so from the thread too', async () => {
  const { threads } = open()
  const broken = createChecker(
    { ...schema, properties: { a: { pattern: '(a)\\1' }, b: { type: 'nonsense' } } },
    rules,
    threads,
  )
  await expect(broken.prepare()).rejects.toThrow('nonsense')
})

it('what stands for a file is known in the thread', async () => {
  const { threads } = open()
  const fields = { text: { pattern: '(a)\\1' }, image: { format: 'file', contentMediaType: 'image/*' } }
  const checker = createChecker({ type: 'object', properties: fields }, rules, threads)
  const fileTypeOf = (text: string) => (text === 'part' ? 'image/png' : text === 'address' ? true : undefined)
  const verdict = await checker.check({ value: { text: 'aa', image: 'part' }, fileTypeOf })
  expect([...verdict.places, ...verdict.accepts]).toEqual([
    ['/image', 'part'],
    ['/image', 'image/*'],
  ])
  expect((await checker.check({ value: { image: 'address' }, fileTypeOf })).total).toBe(0)
  expect((await checker.check({ value: { image: 'other' }, fileTypeOf })).faults).toMatchObject([{ keyword: 'file' }])
})
