import { jobRecordSchema } from '@millrace/contracts'
import { expect, it } from 'vitest'
import type { NewJob } from '../ports/job-intake.ts'
import { fieldsOf, freshRecord, RECORD_FIELDS, toRecord } from './record-fields.ts'
import { resetsOf } from './record-table.ts'

const ID = `job_${'a'.repeat(34)}`
const job: NewJob = {
  ...{ id: ID, kind: 'prediction', tenant: 'acme', model: 'echo', version: '1', line: 'v:1' },
  input: { value: { inline: '{"a":0.1}' }, files: [] },
  ...{ priority: 'high', metadata: {}, maxAttempts: 2, timeoutSeconds: 60.5, runAt: null },
  ...{ expiresInSeconds: 10, idempotency: null },
}
const WEBHOOK: NewJob['webhook'] = { url: 'https://example.com/', events: ['job.failed'] }
const RUN_AT = 1_900_000_000_123

it('keeps the names and forms of the fields: there is data in Redis', () => {
  const sent = {
    kind: 'prediction',
    model: 'echo',
    version: '1',
    input: '{"inline":"{\\"a\\":0.1}"}',
    priority: 'high',
  }
  const numbers = { max_attempts: 2, timeout: 60.5, retention: 3600 }
  expect(fieldsOf(job, 3600)).toEqual({ ...sent, ...numbers })
  const more = { ...job, metadata: { a: 'b' }, runAt: RUN_AT, webhook: WEBHOOK }
  expect(fieldsOf(more, 3600)).toEqual({
    ...{ ...sent, ...numbers, metadata: '{"a":"b"}', run_at: RUN_AT },
    webhook: '{"url":"https://example.com/","events":["job.failed"]}',
  })
  expect(RECORD_FIELDS).toEqual(
    expect.arrayContaining([
      ...['kind', 'tenant', 'model', 'version', 'status', 'input', 'input_files', 'output', 'output_files', 'error'],
      ...['progress', 'priority', 'metadata', 'fence', 'failures', 'crashes', 'max_attempts', 'timeout', 'cancel_at'],
      ...['worker', 'revision', 'created_at', 'run_at', 'expires_at', 'started_at', 'finished_at', 'purge_at'],
      ...['run_ms', 'model_metrics', 'webhook'],
    ]),
  )
})

it('knows the record of a new job without reading it back', () => {
  const one = { ...job, metadata: { a: 'b' }, runAt: RUN_AT, webhook: WEBHOOK }
  const written = {
    status: 'queued',
    tenant: 'acme',
    line: 'v:1',
    fence: '0',
    revision: '1',
    created_at: '1800000000000',
  }
  const texts = Object.entries(fieldsOf(one, 1)).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  )
  const read = toRecord(ID, { ...Object.fromEntries(texts), ...written, expires_at: String(RUN_AT + 10_000) })
  expect(freshRecord(one, 1_800_000_000_000)).toEqual(read)
  expect(jobRecordSchema.parse(read)).toEqual(read)
})

it('reads what moves have written', () => {
  const hash = {
    kind: 'training',
    status: 'failed',
    priority: 'low',
    run_ms: '1500',
    cancel_at: '1',
    worker: 'w',
    output: '',
  }
  expect(toRecord(ID, { ...hash, finished_at: '1800000000000', model_metrics: '{"n":1}' })).toMatchObject({
    ...{ run_seconds: 1.5, cancel_requested: true, worker: 'w', output: null, output_files: [], error: null },
    ...{ finished_at: '2027-01-15T08:00:00.000Z', model_metrics: { n: 1 }, started_at: null, failures: 0 },
  })
})

it('brings back to nothing what a move ends', () => {
  expect(resetsOf('claim')).toMatchObject({ progress: '', run_ms: '' })
  expect(resetsOf('requeue')).toMatchObject({ progress: '' })
  expect(resetsOf('rerun')).toMatchObject({
    ...{ failures: 0, crashes: 0, lost: 0, house_faults: 0, source_faults: 0, error: '', cancel_at: '', progress: '' },
    ...{ finished_at: '', purge_at: '', started_at: '', run_ms: '', output: '', output_files: '' },
  })
})
