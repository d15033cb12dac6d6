import { expect, it } from 'vitest'
import { describeLifecycle } from '../../../async/src/lifecycle/lifecycle.suite.ts'
import type { RedisHealth } from './inspect-server.ts'
import { RedisWatch } from './redis-watch.ts'

const well = { appends: true, rewrites: true, snapshots: true, refuses: false }
const health = (change: Partial<RedisHealth>): RedisHealth => ({
  ...{ version: '7.0.0', faults: [], memoryShare: 0, persistence: well },
  ...change,
})

async function seen(answers: Partial<RedisHealth>) {
  const told: string[] = []
  const logger = {
    debug: () => {},
    info: () => {},
    warn: (fields: object) => told.push(JSON.stringify(fields)),
    error: () => {},
  }
  const watch = new RedisWatch({ ask: async () => health(answers), allowUnsafe: false, logger, onUnsafe: () => {} })
  await watch.start()
  const { reasons, warnings, isFull } = watch
  await watch.stop(0)
  return { reasons: reasons.join(' '), warnings: warnings.join(' '), isFull, told }
}

it.each<[string, Partial<RedisHealth>, { reasons: RegExp; warnings: RegExp; isFull: boolean }]>([
  ['is well', {}, { reasons: /^$/, warnings: /^$/, isFull: false }],
  ['is nearly full', { memoryShare: 0.7 }, { reasons: /^$/, warnings: /nearly full, 70 %/, isFull: false }],
  ['is full', { memoryShare: 0.8 }, { reasons: /^$/, warnings: /is full, 80 %.*maxmemory/, isFull: true }],
  [
    'cannot write its append-only file',
    { persistence: { ...well, appends: false, refuses: true } },
    { reasons: /append-only file: it refuses every change/, warnings: /^$/, isFull: false },
  ],
  [
    'stops for want of a snapshot',
    { persistence: { ...well, snapshots: false, refuses: true } },
    { reasons: /snapshot of Redis failed, and it is set to refuse/, warnings: /^$/, isFull: false },
  ],
  [
    'goes on without snapshots',
    { persistence: { ...well, snapshots: false } },
    { reasons: /^$/, warnings: /snapshot of Redis failed\./, isFull: false },
  ],
  [
    'cannot rewrite its append-only file',
    { persistence: { ...well, rewrites: false } },
    { reasons: /^$/, warnings: /rewrite .* failed/, isFull: false },
  ],
])('says what becomes of a Redis that %s', async (_, answers, { reasons, warnings, isFull }) => {
  const watch = await seen(answers)
  expect(watch.reasons).toMatch(reasons)
  expect(watch.warnings).toMatch(warnings)
  expect(watch.isFull).toBe(isFull)
  expect(watch.told).toHaveLength(watch.reasons === '' && watch.warnings === '' ? 0 : 1)
})

describeLifecycle('the watch of Redis', ({ work, onFault }) => ({
  part: new RedisWatch({
    ask: () => work().then(() => health({})),
    allowUnsafe: false,
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: onFault },
    onUnsafe: () => {},
  }),
  everyMs: 1000,
}))
