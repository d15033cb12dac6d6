import type { JobEvent, Problem } from '@millrace/contracts'
import { expect, it } from 'vitest'
import { CogEvents, toCogPrediction, toCogRefusal } from '../index.ts'

const at = '2026-01-01T00:00:00.000Z'
const record = {
  ...{ version: '1.0.0', status: 'succeeded' as const, error: null, created_at: at, started_at: at, finished_at: at },
  ...{ run_seconds: 0.5, model_metrics: { tokens: 7 } },
} as const
const values = { id: 'p-1', input: { text: 'hi' }, output: ['HI'], logs: 'hello log\n' }

it('shows all fields of a prediction, null where there is nothing', () => {
  expect(toCogPrediction({ record, ...values })).toEqual({
    ...{ ...values, version: '1.0.0', created_at: at, started_at: at, completed_at: at, error: null },
    ...{ status: 'succeeded', metrics: { tokens: 7, predict_time: 0.5 } },
  })
  const queued = { ...record, status: 'queued', finished_at: null, run_seconds: null, model_metrics: null } as const
  expect(toCogPrediction({ record: queued, ...values, output: null })).toMatchObject({
    ...{ status: 'starting', started_at: null, completed_at: null, output: null, metrics: null },
  })
})

it('tells an error at the end of a job, not while another try waits', () => {
  const error = { code: 'model_error', message: 'model said no', retryable: true, attempt: 1 } as const
  const shown = (status: 'failed' | 'queued') => toCogPrediction({ record: { ...record, status, error }, ...values })
  expect([shown('failed').error, shown('queued').error]).toEqual(['model said no', null])
})

const problem = (more: Partial<Problem>): Problem => ({
  ...{ type: '', code: 'invalid_input', title: 'The input does not fit', status: 422, detail: 'd', request_id: 'r' },
  ...more,
})

it.each([
  ['required', 'is required', 'missing', 'Field required'],
  ['maximum', 'must be <= 5', 'less_than_equal', 'Input should be less than or equal to 5'],
  ['minimum', 'must be >= -0.5', 'greater_than_equal', 'Input should be greater than or equal to -0.5'],
  [
    'maxLength',
    'must NOT have more than 100 characters',
    'string_too_long',
    'String should have at most 100 characters',
  ],
  ['enum', 'must be one of ["a"]', 'value_error', 'must be one of ["a"]'],
])('words a broken %s as pydantic does', (code, message, type, msg) => {
  const errors = [{ path: '/input/list/0/a~1b', code, message }]
  const detail = [{ type, loc: ['body', 'input', 'list', 0, 'a/b'], msg }]
  expect(toCogRefusal(problem({ errors }))).toEqual({ status: 422, body: { detail } })
})

it('tells other problems as the two servers do', () => {
  expect(toCogRefusal(problem({ code: 'malformed_json', status: 400 }))).toMatchObject({ status: 422 })
  expect(toCogRefusal(problem({ code: 'model_not_found', status: 404 }))).toEqual({
    ...{ status: 404, body: { detail: 'Not Found' } },
  })
  expect(toCogRefusal(problem({ code: 'queue_full', status: 429, title: 'Full', detail: 'Wait.' })).body).toEqual({
    ...{ detail: 'Full. Wait.', error: 'Full. Wait.', status: 'failed' },
  })
})

it('tells what happens as events, and begins anew with another try', () => {
  const events = new CogEvents('p-1')
  const output: JobEvent = { type: 'output', chunk: 'YO' }
  const running: JobEvent = { type: 'status', status: 'running', attempt: 1 }
  const said = [
    { type: 'status', status: 'queued', attempt: 0 } as const,
    ...[running, { type: 'log', level: 'info', message: 'hello log' } as const],
    ...[{ type: 'log', level: 'warn', message: 'oh' } as const, output, output, running, output],
  ].map((event) => events.text(event))
  expect(said).toEqual([
    '',
    'event: start\ndata: {"id":"p-1","status":"processing"}\n\n',
    'event: log\ndata: {"data":"hello log\\n","source":"stdout"}\n\n',
    'event: log\ndata: {"data":"oh\\n","source":"stderr"}\n\n',
    'event: output\ndata: {"chunk":"YO","index":0}\n\n',
    'event: output\ndata: {"chunk":"YO","index":1}\n\n',
    'event: start\ndata: {"id":"p-1","status":"processing"}\n\n',
    'event: output\ndata: {"chunk":"YO","index":0}\n\n',
  ])
  expect(events.completed('{\n}')).toBe('event: completed\ndata: { }\n\n')
})
