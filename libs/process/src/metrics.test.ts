import { expect, it } from 'vitest'
import { createMetrics } from './metrics.ts'

it('two sets of metrics with the same names do not meet', async () => {
  const [one, other] = [createMetrics(), createMetrics()]
  one.counter({ name: 'jobs_total', help: 'Jobs.', labels: ['model'] }).inc({ model: 'ocr' }, 3)
  other.counter({ name: 'jobs_total', help: 'Jobs.', labels: ['model'] })
  expect(await one.render()).toContain('jobs_total{model="ocr"} 3')
  expect(await other.render()).not.toContain('} 3')
})

it('a gauge asks for its value at each scrape', async () => {
  const metrics = createMetrics()
  let depth = 4
  metrics.gauge({ name: 'queue_depth', help: 'Waiting jobs.' }, (gauge) => gauge.set(depth))
  expect(await metrics.render()).toContain('queue_depth 4')
  depth = 9
  expect(await metrics.render()).toContain('queue_depth 9')
})

it('process metrics are there only when asked for', async () => {
  expect(await createMetrics().render()).not.toContain('process_cpu')
  expect(await createMetrics({ processMetrics: true }).render()).toContain('process_cpu')
})
