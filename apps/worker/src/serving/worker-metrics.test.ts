import { createMetrics } from '@millrace/process'
import { expect, it } from 'vitest'
import { createWorkerMetrics } from './worker-metrics.ts'

it('counts device seconds and outputs of each tenant, and of very many together', async () => {
  const metrics = createMetrics()
  const onAttempt = createWorkerMetrics(
    metrics,
    () => [],
    () => [],
  )
  const one = { jobId: 'job_1', model: 'ocr', again: false, waitSeconds: 0.5 } as const
  const output = { value: { inline: '"é"' }, files: [] }
  const succeeded = { kind: 'succeeded', output, runSeconds: 2 } as const
  onAttempt({ ...one, tenant: 'acme', outcome: succeeded, runSeconds: 2 })
  onAttempt({ ...one, tenant: 'acme', outcome: { kind: 'released' }, again: true, runSeconds: 0.5 })
  onAttempt({ ...one, tenant: 'acme', outcome: { kind: 'lost' }, runSeconds: undefined })
  for (let n = 0; n < 102; n++) onAttempt({ ...one, tenant: `t${n}`, outcome: succeeded, runSeconds: 1 })
  const text = await metrics.render()
  expect(text).toContain('millrace_device_seconds_total{model="ocr",tenant="acme"} 2.5')
  expect(text).toContain('millrace_output_bytes_total{model="ocr",tenant="acme"} 4')
  expect(text).toContain('millrace_device_seconds_total{model="ocr",tenant="other"} 3')
  expect(text).not.toContain('tenant="t100"')
})
