import { fileURLToPath } from 'node:url'
import { createClient } from '@millrace/client'
import { expect, it, onTestFinished } from 'vitest'
import { startStack } from '../../support/start-stack.ts'
import { until } from '../../support/until.ts'

/** A tenth of the jobs goes to a new version, which fails every fifth of them. */

const MODELS = fileURLToPath(new URL('models/', import.meta.url))

it('takes the share from a version that fails more often than the other, loses no job, and tells why', async () => {
  const stack = await startStack({ workers: 0 })
  onTestFinished(() => stack.stop())
  const client = createClient({ url: await stack.api.url() })
  const served = (version: string) =>
    until(`${version} is served`, async () => {
      const list = await client.versions.list('steered').catch(() => undefined)
      return list?.data.some((one) => one.version === version && one.workers > 0)
    })
  stack.startWorker({ MILLRACE_MODELS: `${MODELS}stable`, MILLRACE_SLOTS: 'cpu*2' })
  await served('1.4.0')
  await client.versions.promote('steered', '1.4.0')
  stack.startWorker({ MILLRACE_MODELS: `${MODELS}canary`, MILLRACE_SLOTS: 'cpu*2' })
  await served('1.5.0')
  await client.versions.traffic('steered', { '1.4.0': 60, '1.5.0': 40 }, { guard: { jobs: 20, margin: 0.05 } })

  const ends: Promise<{ version: string; status: string }>[] = []
  const returned = async () => (await client.versions.list('steered')).data[0]?.returned
  await until('it is returned', async () => {
    for (let i = 0; i < 10; i++) ends.push(client.submit('steered', { n: i }).then(({ id }) => client.wait(id)))
    await Promise.all(ends)
    return (await returned()) !== null
  })
  const jobs = await Promise.all(ends)
  const failed = jobs.filter(({ status }) => status === 'failed')
  expect(new Set(failed.map(({ version }) => version))).toEqual(new Set(['1.5.0']))
  expect(jobs.filter(({ status }) => status === 'succeeded').length + failed.length).toBe(jobs.length)

  const list = await client.versions.list('steered')
  expect(list).toMatchObject({ current: { version: '1.4.0', set_by: 'operator' }, guard: { jobs: 20, margin: 0.05 } })
  expect(list.data).toMatchObject([
    { version: '1.5.0', traffic: 0, returned: { share: 40, others_failed: 0 } },
    { version: '1.4.0', traffic: 100, outcomes: { failed: 0 }, returned: null },
  ])
  expect(list.events.map(({ type }) => type).slice(0, 3)).toEqual(['returned', 'traffic', 'promoted'])
  // The API looks at shares once a second.
  await until('nothing goes there any more', async () => {
    const { id } = await client.submit('steered', { n: 0 })
    return (await client.wait(id)).version === '1.4.0' && performance.now() > 0
  })
  const logged = () => stack.workers.some(({ log }) => log.some(({ event }) => event === 'returned'))
  await until('it is in the log', logged)
}, 90_000)
