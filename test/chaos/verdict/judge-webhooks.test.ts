import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import type { ReceivedWebhook } from '../../support/servers/webhook-receiver.ts'
import type { Evidence, JobEvidence } from './evidence.ts'
import { judgeWebhooks } from './judge-webhooks.ts'

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
const ID = 'job_1'

function webhook(changes: Partial<ReceivedWebhook> = {}, key = SECRET): ReceivedWebhook {
  const body = JSON.stringify({ type: 'job.succeeded', data: { id: ID, status: 'succeeded' } })
  const sent = { path: '/jobs/0', id: 'evt_1', body, answered: 204 as const, at: 0, ...changes }
  const signed = `${sent.id}.7.${sent.body}`
  const signature = createHmac('sha256', Buffer.from(key.slice(6), 'base64'))
    .update(signed)
    .digest('base64')
  return { ...sent, headers: { 'webhook-timestamp': '7', 'webhook-signature': `v1,${signature}` } }
}

const judged = (webhooks: ReceivedWebhook[], webhooksOwed = 0): string[] => {
  const job = {
    plan: { n: 0, tenant: 'default' },
    ids: [ID],
    record: { status: 'succeeded' },
  } as unknown as JobEvidence
  const evidence = { jobs: [job], webhooks, webhookSecret: SECRET, webhooksOwed } as unknown as Evidence
  return judgeWebhooks(evidence).map(({ counts, what }) => `${counts}: ${what}`)
}

it('finds nothing wrong with a webhook that came, was refused, and came again', () => {
  expect(judged([webhook({ answered: 503 }), webhook()])).toEqual([])
})

it.each<[string, ReceivedWebhook[], number?]>([
  ['undelivered: nobody was told that it is succeeded', []],
  ['undelivered: nobody was told that it is succeeded', [webhook({ answered: 503 })]],
  ['undelivered: 1 webhooks are still owed', [webhook()], 1],
  ['wrong: two tries of its webhook differ', [webhook(), webhook({ id: 'evt_2' })]],
  ['wrong: its webhook is not signed', [webhook({}, `whsec_${Buffer.alloc(32, 2).toString('base64')}`)]],
  [
    'wrong: its webhook says job.failed of job_1',
    [webhook({ body: '{"type":"job.failed","data":{"id":"job_1","status":"failed"}}' })],
  ],
])('finds %s: %#', (offence, webhooks, owed) => {
  expect(judged(webhooks, owed)).toContain(offence)
})
