import { createMetrics } from '@millrace/process'
import { expect, it } from 'vitest'
import { createFixture } from '../app.fixture.ts'
import { createApiMetrics } from './api-metrics.ts'

const seriesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

it('has as many series after 1,000 tenants as after 101', async () => {
  const metrics = createMetrics()
  const measure = createApiMetrics(metrics, { list: async () => [] })
  const input = { inline: '{}' }
  const submitOf = (tenant: string) => measure.input({ model: 'ocr', tenant, input, input_files: [] })
  for (let n = 0; n < 101; n++) submitOf(`tenant ${n}`)
  const before = seriesOf(await metrics.render())
  for (let n = 0; n < 1000; n++) submitOf(`"tenant"\n${n}`)
  expect(seriesOf(await metrics.render())).toHaveLength(before.length)
  expect(before.filter((line) => line.includes('millrace_input_bytes_total'))).toHaveLength(101)
})

it('tells what no process counts for itself, as often as it is asked', async () => {
  const { app, close } = await createFixture()
  for (let n = 0; n < 2; n++) {
    const text = await (await app.request('/metrics')).text()
    expect(text).toContain('millrace_leases_lost_total{model="ocr",end="requeued"} 4\n')
    expect(text).toContain('millrace_jobs_expired_total{model="ocr"} 5\n')
  }
  await close()
})

it('makes no series of the names of models, versions and methods that clients make up', async () => {
  const { app, close } = await createFixture()
  const ask = async (name: string, n: number) => {
    const headers = { 'content-type': 'application/json' }
    const path = `/v1/models/${encodeURIComponent(name)}`
    await app.request(`${path}/jobs`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ version: `v${n}`, input: {} }),
    })
    await app.request(`/v1/models/ocr/jobs`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ version: `v${n}`, input: {} }),
    })
    await app.request(path, { method: `M${n}` })
  }
  const series = async () => seriesOf(await (await app.request('/metrics')).text())
  const strange = (n: number): string => ['"} 1\n', 'a'.repeat(200), '../', '{model}', 'ö', 'model'][n % 6] + String(n)
  for (let n = 0; n < 12; n++) await ask(strange(n), n)
  await series()
  const before = await series()
  for (let n = 12; n < 300; n++) await ask(strange(n), n)
  const after = await series()
  expect(after.map((line) => line.replace(/ \S+$/, ''))).toEqual(before.map((line) => line.replace(/ \S+$/, '')))
  await close()
})
