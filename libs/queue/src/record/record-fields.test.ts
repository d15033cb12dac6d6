import { jobRecordSchema } from '@millrace/contracts'
import { expect, it } from 'vitest'
import type { NewJob } from '../ports/job-intake.ts'
import { fieldsOf, FORMER_FIELDS, freshRecord, isFormer, RECORD_FIELDS, toRecord } from './record-fields.ts'
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
  const packed = {
    ...{ expires_in: 10_000, kind: 'prediction', model: 'echo', version: '1', priority: 'high' },
    ...{ max_attempts: 2, timeout: 60.5 },
  }
  const alone = { input: '{"inline":"{\\"a\\":0.1}"}', retention: 3600 }
  const unpacked = ({ given, ...fields }: ReturnType<typeof fieldsOf>) => [fields, JSON.parse(String(given))]
  expect(unpacked(fieldsOf(job, 3600))).toEqual([alone, packed])
  const more = { ...job, metadata: { a: 'b' }, runAt: RUN_AT, webhook: WEBHOOK }
  expect(unpacked(fieldsOf(more, 3600))).toEqual([
    { ...alone, webhook: '{"url":"https://example.com/","events":["job.failed"]}' },
    { ...packed, metadata: '{"a":"b"}', run_at: RUN_AT },
  ])
  expect(RECORD_FIELDS).toEqual(
    expect.arrayContaining([
      ...['given', 'tenant', 'version', 'status', 'input', 'input_files', 'output', 'output_files', 'error'],
      ...['progress', 'fence', 'failures', 'crashes', 'cancel_at'],
      ...['revision', 'created_us', 'expires_at', 'finished_at', 'retention', 'model_metrics', 'webhook', 'moves'],
    ]),
  )
  expect([...FORMER_FIELDS].sort()).toEqual([
    ...['kind', 'max_attempts', 'metadata', 'model', 'priority', 'run_at', 'timeout', 'version'],
  ])
})

it('knows the record of a new job without reading it back', () => {
  const one = { ...job, metadata: { a: 'b' }, runAt: RUN_AT, webhook: WEBHOOK }
  const written = {
    status: 'queued',
    tenant: 'acme',
    line: 'v:1',
    created_us: '1800000000000123',
  }
  const texts = Object.entries(fieldsOf(one, 1)).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  )
  const hash: Record<string, string> = {
    ...{ ...Object.fromEntries(texts), ...written, expires_at: String(RUN_AT + 10_000) },
  }
  const read = toRecord(ID, hash)
  expect(freshRecord(one, 1_800_000_000_000)).toEqual(read)
  expect(jobRecordSchema.parse(read)).toEqual(read)
  // The same with a field for each part, as layout 2 had it, and with a few of them beside the packed ones.
  const { given, ...rest } = hash
  const fields = Object.entries(JSON.parse(given!) as object).map(([name, value]) => [name, String(value)])
  const former = { ...rest, ...Object.fromEntries(fields) }
  expect(toRecord(ID, former)).toEqual(read)
  expect(toRecord(ID, { ...hash, ...former })).toEqual(read)
  expect(toRecord(ID, { ...hash, version: '2' })).toEqual({ ...read, version: '2' })
  expect([former, hash, { status: 'purged' }, {}].map(isFormer)).toEqual([true, false, false, false])
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
  const ended = { ...hash, finished_at: '1800000000000', retention: '60', model_metrics: '{"n":1}' }
  expect(toRecord(ID, ended)).toMatchObject({
    ...{ run_seconds: 1.5, cancel_requested: true, worker: 'w', output: null, output_files: [], error: null },
    ...{
      finished_at: '2027-01-15T08:00:00.000Z',
      purge_at: '2027-01-15T08:01:00.000Z',
      model_metrics: { n: 1 },
      started_at: null,
      failures: 0,
    },
  })
})

it('brings back to nothing what a move ends', () => {
  expect(resetsOf('claim')).toMatchObject({ progress: '' })
  expect(resetsOf('requeue')).toMatchObject({ progress: '' })
  expect(resetsOf('rerun')).toMatchObject({
    ...{ failures: 0, crashes: 0, lost: 0, house_faults: 0, source_faults: 0, error: '', cancel_at: '', progress: '' },
    ...{ finished_at: '', started_at: '', run_ms: '', output: '', output_files: '' },
  })
})
