/** What must hold for the webhooks of a chaos run. Pure, and without the house's own code; called by judge.ts. */
import { createHmac } from 'node:crypto'
import type { ReceivedWebhook } from '../../support/servers/webhook-receiver.ts'
import type { Evidence, JobEvidence, Offence } from './evidence.ts'

/** I7: how each job ended was told, under one id with one body, signed; and nothing is owed any more. */
export function judgeWebhooks(evidence: Evidence): Offence[] {
  const byPath = new Map<string, ReceivedWebhook[]>()
  for (const one of evidence.webhooks) byPath.set(one.path, [...(byPath.get(one.path) ?? []), one])
  return [
    ...evidence.jobs.flatMap((job) => judgeOne(job, byPath.get(webhookPathOf(job.plan.n)) ?? [], evidence)),
    ...(evidence.webhooksOwed === 0
      ? []
      : [
          { counts: 'undelivered' as const, invariant: 'I7', what: `${evidence.webhooksOwed} webhooks are still owed` },
        ]),
  ]
}

/** Each job has an address of its own. */
export const webhookPathOf = (n: number): string => `/jobs/${n}`

function judgeOne(job: JobEvidence, got: Evidence['webhooks'], { webhookSecret }: Evidence): Offence[] {
  const offence = (counts: Offence['counts'], what: string): Offence[] => [{ counts, invariant: 'I7', what, job }]
  // Only what the API's clients submit names an address.
  if (job.plan.tenant !== 'default')
    return got.length === 0 ? [] : offence('wrong', 'somebody was told who had not asked')
  const [first] = got
  if (!first || got.every(({ answered }) => answered !== 204)) {
    return offence('undelivered', `nobody was told that it is ${job.record.status}`)
  }
  const { type, data } = JSON.parse(first.body) as { type: string; data: { id: string; status: string } }
  const isRight = type === `job.${job.record.status}` && data.id === job.ids[0] && data.status === job.record.status
  return [
    ...(isRight ? [] : offence('wrong', `its webhook says ${type} of ${data.id}`)),
    ...(got.every(({ id, body }) => id === first.id && body === first.body)
      ? []
      : offence('wrong', 'two tries of its webhook differ')),
    ...(got.every((one) => isSigned(one, webhookSecret)) ? [] : offence('wrong', 'its webhook is not signed')),
  ]
}

function isSigned({ id, body, headers }: Evidence['webhooks'][0], secret: string): boolean {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const signed = `${id}.${headers['webhook-timestamp']}.${body}`
  return headers['webhook-signature'] === `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
}
