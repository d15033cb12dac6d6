import { afterAll, expect, it } from 'vitest'
import { newJob, openTestQueue, silent } from '../../../../test/support/open-test-queue.ts'
import { startRedis } from '../../../../test/support/servers/redis-server.ts'
import { openPrimaries } from './primaries.ts'
import { copyRecord } from './copy-record.ts'
import { type CopiedKey, RecordCounter } from './copied-key.ts'
import { RecordRestore } from './restore-record.ts'

const [busy, target] = await Promise.all([startRedis(), startRedis()])
afterAll(() => Promise.all([busy.stop(), target.stop()]))

it('copies one moment of a Redis that changes all the while: each job is open in its shard, and nothing else is', async () => {
  const queue = openTestQueue(busy.url)
  let isOn = true
  let submitted = 0
  const submits = (async () => {
    for (; isOn; submitted += 20)
      await Promise.all(Array.from({ length: 20 }, (_, at) => queue.jobs.submit(newJob({ model: `m${at % 7}` }))))
  })()
  const counter = new RecordCounter((key) => key)
  const copied: CopiedKey[] = []
  // More comes while the first are copied.
  const beforeCut = async () => {
    const then = submitted
    while (submitted < then + 200) await new Promise((resolve) => setImmediate(resolve))
  }
  const keep = async (one: CopiedKey) => {
    counter.add(one)
    copied.push(one)
  }
  await copyRecord({ url: busy.url, logger: silent, beforeCut }, keep)
  isOn = false
  await submits
  await queue.close()

  const restore = await RecordRestore.open(target.url, silent)
  for (let from = 0; from < copied.length; from += 50) await restore.put(copied.slice(from, from + 50))
  expect(await restore.count((key) => key)).toEqual(counter.counts())
  restore.close()

  const { route, nodes, close } = await openPrimaries(target.url, silent)
  const keys = await nodes[0]!.keys('*')
  const records = keys.flatMap((key) => /:job:(job_\w+)$/.exec(key)?.[1] ?? [])
  const open = await Promise.all(keys.filter((key) => key.endsWith(':open')).map((key) => route.zrange(key, '0', '-1')))
  expect(records.length).toBeGreaterThan(200)
  expect(open.flat().toSorted()).toEqual(records.toSorted())
  close()
})
