import type { FileView, JobRecord } from '@millrace/contracts'
import { newJobId } from '@millrace/queue'
import { describe, expect, it } from 'vitest'
import { aRecord } from '../../../../../../test/support/a-record.ts'
import { answerOf, canceledAnswerOf, statusAnswerOf } from './job-answer.ts'
import { MOST_OUTPUT_BYTES } from './job-output.ts'

const id = newJobId('ocr')
const record = (changes: Partial<JobRecord> = {}): JobRecord => ({ ...aRecord({ id }), ...changes })
const inline = (value: unknown) => ({ inline: JSON.stringify(value) })
const at = '2026-01-02T03:04:05.000Z'
const ended = { status: 'succeeded', finished_at: at } as const

const file: FileView = {
  ...{ object: 'file', id: 'file_1', url: 'https://a.example/f?signature=s', name: 'a.png', content_type: 'image/png' },
  ...{ size: 3, sha256: '0'.repeat(64), expires_at: at },
}

/** `files`: in the order of their places. */
function values(files: FileView[] = []) {
  const output = async ({ output: kept }: JobRecord, _base: string, show: (file: FileView) => unknown = () => null) => {
    for (const one of files) show(one)
    return kept && 'inline' in kept ? (JSON.parse(kept.inline) as unknown) : 'what was stored'
  }
  const place = async () => ({ position: 2, ahead: 1, eta: { p50: 7, p90: 9 }, why: null, workers: 1 })
  return { values: { output }, jobs: { place } } as unknown as Parameters<typeof statusAnswerOf>[1]
}

describe('the answer of a tool', () => {
  it.each([
    ['a text', 'hi', 'hi'],
    ['a list', [1, 2], '[1,2]'],
    ['nothing', null, 'null'],
    ['an object', { a: 1 }, '{"a":1}'],
  ])('has structured content that is an object, whatever the output is: %s', async (_, output, text) => {
    const answer = await answerOf(record({ ...ended, output: inline(output) }), values(), '')
    expect(answer).toEqual({
      content: [{ type: 'text', text }],
      structuredContent: { output, job_id: id, status: 'succeeded' },
    })
  })

  it('links each file by an address that needs no key, and as a resource where there is no such address', async () => {
    const relative = { ...file, id: 'file_2', url: '/v1/files/file_2/content?signature=s' }
    const answer = await answerOf(record({ ...ended, output: inline([null, null]) }), values([file, relative]), '')
    const link = { type: 'resource_link', name: 'a.png', mimeType: 'image/png', size: 3 }
    expect(answer.content.slice(1)).toEqual([
      { ...link, uri: file.url },
      { ...link, uri: 'millrace://files/file_2' },
    ])
  })

  it.each(['queued', 'running'] as const)('names the job that is %s, and how to go on', async (status) => {
    const progress = { fraction: 0.5, message: 'page 3' }
    const answer = await answerOf(record({ status, progress }), values(), '')
    expect(answer.isError).toBeUndefined()
    expect(answer.structuredContent).toMatchObject({ job_id: id, status, progress: 0.5 })
    expect(answer.content[0]).toMatchObject({ text: expect.stringContaining(`wait_for_job with {"job_id":"${id}"}`) })
  })

  it('is an error without structured content when the job failed', async () => {
    const error = { code: 'model_error', message: 'No such page.', retryable: true, attempt: 1 } as const
    const answer = await answerOf(record({ status: 'failed', error, output: inline(['one']) }), values(), '')
    expect(Object.keys(answer).sort()).toEqual(['content', 'isError'])
    expect(answer.isError).toBe(true)
    const [part] = answer.content
    expect(part).toMatchObject({ text: expect.stringContaining(`${id} failed (model_error): No such page.`) })
    expect(part).toMatchObject({ text: expect.stringContaining('["one"]') })
  })

  it('is an error without structured content when the job was canceled', async () => {
    const answer = await answerOf(record({ status: 'canceled' }), values(), '')
    expect(answer).toEqual({ content: [{ type: 'text', text: `The job ${id} was canceled.` }], isError: true })
  })

  it('leaves out an output that is too large for whoever reads it, and says where it is', async () => {
    const stored = { key: 'k', size: MOST_OUTPUT_BYTES + 1, sha256: '0'.repeat(64) }
    const answer = await answerOf(record({ ...ended, output: { stored } }), values(), '')
    expect(answer.structuredContent).not.toHaveProperty('output')
    expect(answer.content[0]).toMatchObject({ text: expect.stringContaining(`millrace://jobs/${id}/output`) })
    const small = await answerOf(record({ ...ended, output: { stored: { ...stored, size: 9 } } }), values(), '')
    expect(small.structuredContent).toMatchObject({ output: 'what was stored' })
  })
})

it('tells of a failure as it tells of anything, when only the status was asked for', async () => {
  const error = { code: 'timeout', message: 'It took too long.', retryable: true, attempt: 1 } as const
  const answer = await statusAnswerOf(record({ status: 'failed', error }), values(), '')
  expect(answer.isError).toBeUndefined()
  expect(answer.structuredContent).toMatchObject({
    ...{ job_id: id, status: 'failed', model: 'echo' },
    error: { code: 'timeout', message: 'It took too long.' },
  })
})

it('tells where a job waits', async () => {
  const answer = await statusAnswerOf(record({ status: 'queued' }), values(), '')
  expect(answer.structuredContent).toMatchObject({ queue: 'queued, number 2 of yours, starts in about 7 s' })
})

it('says of a cancel whether the job has ended or was only told to', () => {
  const stopping = canceledAnswerOf(record({ status: 'running', cancel_requested: true }))
  expect(stopping.structuredContent).toMatchObject({ status: 'running', cancel_requested: true })
  expect(stopping.content[0]).toMatchObject({ text: expect.stringContaining('was told to stop') })
  const over = canceledAnswerOf(record({ status: 'canceled' }))
  expect(over.content[0]).toMatchObject({ text: `The job ${id} is canceled.` })
})
