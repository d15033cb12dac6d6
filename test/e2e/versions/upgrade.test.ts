/** What former versions left in Redis, as their own processes wrote it: the present ones go on with it and lose nothing. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Job, JobList } from '@millrace/contracts'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { ApiClient } from '../../support/api-client.ts'
import { startMillrace } from '../../support/processes/millrace-process.ts'
import { startRedis } from '../../support/servers/redis-server.ts'
import { startWebhookReceiver } from '../../support/servers/webhook-receiver.ts'
import { SHIPPED_MODELS } from '../../support/start-stack.ts'
import { until } from '../../support/until.ts'
import { putBack, type Recording } from './upgrade/recording.ts'

const read = (name: string): Recording =>
  JSON.parse(readFileSync(new URL(`upgrade/${name}.json`, import.meta.url), 'utf8')) as Recording

it.each(['layout-2', 'layout-3'])('goes on with the data of %s', { timeout: 60_000 }, async (name) => {
  const recording = read(name)
  const { jobs } = recording
  const [redis, receiver] = await Promise.all([startRedis(), startWebhookReceiver()])
  const data = mkdtempSync(join(tmpdir(), 'millrace-upgrade-'))
  const raw = new Redis(redis.url)
  await putBack(raw, recording, { '127.0.0.1:9': `127.0.0.1:${receiver.port}` })
  const env = {
    REDIS_URL: redis.url,
    MILLRACE_DATA_DIR: data,
    MILLRACE_MODELS: join(SHIPPED_MODELS, 'echo'),
    MILLRACE_WEBHOOK_ALLOW_HOSTS: '127.0.0.1',
  }
  const processes = [startMillrace('worker', env), startMillrace('api', env)]
  try {
    const client = new ApiClient(await processes[1]!.url())
    const all = (await (await client.request('/v1/jobs?limit=100')).json()) as JobList
    expect(all.data.map(({ id }) => id).toSorted()).toEqual(Object.values(jobs).toSorted())

    const echoed = ({ output }: Job): unknown => (output as { message: string }).message
    expect(echoed(await client.job(jobs.done))).toBe('done before the upgrade')
    expect(echoed(await client.finished(jobs.waiting))).toBe('waits for the upgrade')
    expect(echoed(await client.finished(jobs.keyed))).toBe('keyed')
    expect((await client.job(jobs.canceled)).status).toBe('canceled')
    expect(await client.job(jobs.late)).toMatchObject({ status: 'queued', run_at: expect.any(String) })

    const again = await client.submit(
      'echo',
      { input: { message: 'keyed' } },
      { 'idempotency-key': 'before-the-upgrade' },
    )
    expect(((await again.json()) as Job).id).toBe(jobs.keyed)

    const told = (): unknown[] => receiver.got.map(({ body }) => (JSON.parse(body) as { data: Job }).data.id)
    await until('both webhooks arrive', () => [jobs.owed, jobs.waiting].every((id) => told().includes(id)), {
      timeoutMs: 30_000,
    })
    expect((await client.run('echo', { message: 'new' })).status).toBe('succeeded')
  } finally {
    raw.disconnect()
    await Promise.all(processes.map((one) => one.kill('SIGKILL')))
    await Promise.all([redis.stop(), receiver.close()])
    rmSync(data, { recursive: true, force: true })
  }
})
