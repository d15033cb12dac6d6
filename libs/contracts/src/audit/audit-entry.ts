/**
 * An entry of the audit: who did what, and what became of it. It never has a secret, an input, or a text that a client chose, but for
 * the id of a tenant. Written by the API and by workers, read by operators.
 */
import { z } from 'zod'
import { apiKeyIdSchema } from '../access/api-key.ts'
import { tenantIdSchema } from '../access/tenant.ts'
import { BASE32 } from '../ids.ts'
import { auditActionSchema } from './audit-action.ts'

export const auditIdSchema = z.string().regex(new RegExp(`^aud_${BASE32}{26}$`))

/** `unknown`: it was begun, and nobody wrote down how it ended. */
export const AUDIT_OUTCOMES = ['done', 'refused', 'failed', 'unknown'] as const

const values = z.record(z.string(), z.unknown()).nullable()

export const auditEntrySchema = z
  .object({
    object: z.literal('audit_entry'),
    id: auditIdSchema,
    at: z.iso.datetime().describe('When it was begun.'),
    action: auditActionSchema,
    by: z
      .object({
        tenant: tenantIdSchema,
        key: apiKeyIdSchema.nullable().describe('Null: MILLRACE_API_KEY, or no key was needed.'),
        address: z.string().nullable().describe('Where the request came from.'),
      })
      .nullable()
      .describe('Who did it; null: Millrace itself.'),
    tenant: tenantIdSchema.nullable().describe('Whose thing it is; null: nobody’s, such as a model or a worker.'),
    subject: z.string().nullable().describe('The id or name of what it is about.'),
    before: values.describe('Of settings: what was set before.'),
    after: values.describe('What is set now, or what was asked for.'),
    outcome: z
      .enum(AUDIT_OUTCOMES)
      .describe('`unknown`: it was begun, and how it ended could not be written down. It may have been done.'),
    code: z.string().nullable().describe('Of one that was refused or failed: the code of the problem.'),
    request_id: z.string().nullable(),
  })
  .meta({ id: 'AuditEntry' })
export type AuditEntry = z.infer<typeof auditEntrySchema>

/** What a route knows of its action that the request does not say. Never a secret, an input, or text that a client chose. */
export type AuditNote = Partial<Pick<AuditEntry, 'tenant' | 'subject' | 'before' | 'after'>>
