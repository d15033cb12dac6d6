/** What is written down of those who change something: the actions by name. Each route of the API that changes something names one, or none. */
import { z } from 'zod'
import { batchIdSchema } from '../batches/batch.ts'
import { apiKeyIdSchema } from '../access/api-key.ts'
import { tenantIdSchema } from '../access/tenant.ts'
import { jobActionIdSchema } from '../jobs/job-action.ts'
import { modelNameSchema } from '../manifest.ts'
import { webhookDeliveryIdSchema, webhookEndpointIdSchema } from '../webhook.ts'

/** What an action may be about: the name of it in the path of a route, and its form. Text of any other form is not written down. */
export const AUDIT_SUBJECTS = {
  key: { param: 'id', schema: apiKeyIdSchema },
  worker: { param: 'id', schema: z.string().regex(/^[\w-]{1,64}$/) },
  endpoint: { param: 'id', schema: webhookEndpointIdSchema },
  delivery: { param: 'id', schema: webhookDeliveryIdSchema },
  tenant: { param: 'id', schema: tenantIdSchema },
  model: { param: 'model', schema: modelNameSchema },
  job_action: { param: 'id', schema: jobActionIdSchema },
  batch: { param: 'id', schema: batchIdSchema },
} as const

/** Null: something new, or many things. */
type Subject = keyof typeof AUDIT_SUBJECTS | null

/** A new one is a row here; docs/audit.md shows them. */
export const AUDIT_ACTIONS = {
  'key.create': { subject: null, about: 'A key of the API was made.' },
  'key.revoke': { subject: 'key', about: 'A key was revoked.' },
  'key.rotate': { subject: 'key', about: 'A key was replaced by another one.' },
  'tenant.change': { subject: 'tenant', about: 'What is set for a tenant was changed.' },
  'tenant.erase': { subject: 'tenant', about: 'It was asked to erase what a tenant has, or to count it.' },
  'tenant.erased': { subject: null, about: 'What a tenant had was erased; `after` counts it.' },
  'model.promote': { subject: 'model', about: 'A version of a model was made the current one.' },
  'model.rollback': { subject: 'model', about: 'A model went back to the version before.' },
  'model.traffic': { subject: 'model', about: 'Submits were split between versions.' },
  'model.pause': { subject: 'model', about: 'A model or a version was paused.' },
  'model.resume': { subject: 'model', about: 'A model or a version was resumed.' },
  'jobs.move': { subject: 'model', about: 'Jobs that wait were moved to another version.' },
  'jobs.cancel': { subject: null, about: 'All jobs that match were canceled.' },
  'job_action.begin': { subject: null, about: 'An action on all jobs that match was begun, or these were counted.' },
  'job_action.cancel': { subject: 'job_action', about: 'An action on many jobs was canceled.' },
  'job_action.ended': { subject: null, about: 'An action on many jobs has ended; `after` counts what it did.' },
  'batch.create': { subject: null, about: 'A batch of jobs was begun.' },
  'batch.cancel': { subject: 'batch', about: 'A batch of jobs was canceled.' },
  'batch.retry': { subject: 'batch', about: 'The rows of a batch that did not succeed were begun again.' },
  'worker.drain': { subject: 'worker', about: 'A worker was told to drain.' },
  'worker.resume': { subject: 'worker', about: 'A worker was told to take jobs again.' },
  'webhook_endpoint.create': { subject: null, about: 'A webhook endpoint was added.' },
  'webhook_endpoint.change': { subject: 'endpoint', about: 'A webhook endpoint was changed.' },
  'webhook_endpoint.remove': { subject: 'endpoint', about: 'A webhook endpoint was removed.' },
  'webhook_endpoint.enable': { subject: 'endpoint', about: 'A webhook endpoint was enabled.' },
  'webhook_endpoint.disable': { subject: 'endpoint', about: 'A webhook endpoint was disabled.' },
  'webhook_endpoint.rotate_secret': { subject: 'endpoint', about: 'The secret of a webhook endpoint was turned.' },
  'webhook_endpoint.test': { subject: 'endpoint', about: 'A test event was sent to a webhook endpoint.' },
  'webhook_endpoint.redeliver': { subject: 'endpoint', about: 'What a webhook endpoint did not get was sent again.' },
  'webhook_delivery.redeliver': { subject: 'delivery', about: 'One webhook was sent again.' },
  'webhook_secret.read': { subject: null, about: 'The secret of the jobs’ own webhooks was shown.' },
  'webhook_secret.rotate': { subject: null, about: 'The secret of the jobs’ own webhooks was turned.' },
} as const satisfies Record<string, { subject: Subject; about: string }>

export type AuditAction = keyof typeof AUDIT_ACTIONS

export const auditActionSchema = z.enum(Object.keys(AUDIT_ACTIONS) as [AuditAction, ...AuditAction[]])
