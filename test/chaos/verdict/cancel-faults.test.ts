import { expect, it } from 'vitest'
import type { Cancel } from '../load/mind-changers.ts'
import type { JobEvidence } from './evidence.ts'
import { cancelFaults } from './cancel-faults.ts'

const running = (at: number) => ({ at, event: { type: 'status', status: 'running', attempt: 1 } })

interface Case {
  status: string
  cancel?: Cancel
  output?: string
  startedAt?: number
}

const judged = ({ status, cancel, output = '', startedAt = 1 }: Case): string[] =>
  cancelFaults({ record: { status, output }, events: [running(startedAt)], cancel } as unknown as JobEvidence)

it.each<Case>([
  { status: 'succeeded', output: '{}' },
  { status: 'canceled', cancel: { at: 5, answer: 202, status: 'running' } },
  { status: 'succeeded', output: '{}', cancel: { at: 5, answer: 202, status: 'running' } },
  { status: 'canceled', cancel: { at: 5, answer: 200, status: 'canceled' } },
])('finds nothing wrong with %j', (found) => {
  expect(judged(found)).toEqual([])
})

it.each<[string, Case]>([
  ['nobody had asked', { status: 'canceled' }],
  ['has an output', { status: 'canceled', output: '{}', cancel: { at: 5, answer: 200, status: 'canceled' } }],
  ['and it is succeeded', { status: 'succeeded', cancel: { at: 5, answer: 200, status: 'canceled' } }],
  ['with 202 and queued', { status: 'canceled', cancel: { at: 5, answer: 202, status: 'queued' } }],
  ['with 404', { status: 'succeeded', cancel: { at: 5, answer: 404, status: undefined } }],
  ['was started although', { status: 'canceled', startedAt: 6, cancel: { at: 5, answer: 202, status: 'running' } }],
])('finds that a job %s', (words, found) => {
  expect(judged(found)).toContainEqual(expect.stringContaining(words))
})
