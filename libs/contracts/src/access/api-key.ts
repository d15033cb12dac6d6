/**
 * Keys of the API: their text, what is asked for when one is made, and how they are shown. The secret is in the answer that
 * makes a key and nowhere else. Kept by `libs/queue`, checked and served by `apps/api`.
 */
import { z } from 'zod'
import { BASE32 } from '../ids.ts'
import { modelNameSchema } from '../manifest.ts'
import { ALL_SCOPES, scopeSchema, scopesSchema } from './scope.ts'
import { DEFAULT_TENANT, tenantIdSchema } from './tenant.ts'

/** Models that one key may name. */
const MAX_MODELS = 100
const DAY_SECONDS = 86_400

const time = z.iso.datetime()

export const apiKeyIdSchema = z
  .string()
  .regex(new RegExp(`^${BASE32}{16}$`))
  .describe('Id of the key: what stands between `mr_` and the secret.')
export type ApiKeyId = z.infer<typeof apiKeyIdSchema>

/** `mr_` + the id + `_` + 52 characters, which are 260 random bits. */
export const API_KEY = new RegExp(`^mr_(${BASE32}{16})_${BASE32}{52}$`)

const nameSchema = z.string().trim().min(1).max(100).describe('What the key is for, in words of the operator.')

const modelsSchema = z
  .array(modelNameSchema)
  .min(1)
  .max(MAX_MODELS)
  .nullable()
  .describe('The models that it may use; null: all.')

export const apiKeyRequestSchema = z
  .strictObject({
    tenant: tenantIdSchema.default(DEFAULT_TENANT),
    name: nameSchema,
    scopes: scopesSchema,
    models: modelsSchema.default(null),
    expires_at: z.iso.datetime({ offset: true }).nullable().default(null).describe('When it ends; null: never.'),
  })
  .meta({ id: 'ApiKeyRequest' })
export type ApiKeyRequest = z.infer<typeof apiKeyRequestSchema>

export const rotationRequestSchema = z
  .strictObject({
    overlap_seconds: z
      .number()
      .int()
      .min(0)
      .max(30 * DAY_SECONDS)
      .default(DAY_SECONDS)
      .describe('How long the old key is valid beside the new one. Seconds, at most 30 days.'),
  })
  .meta({ id: 'ApiKeyRotation' })

/** A key as an operator sees it. */
export const apiKeySchema = z
  .object({
    object: z.literal('api_key'),
    id: apiKeyIdSchema,
    tenant: tenantIdSchema,
    name: nameSchema,
    scopes: z.array(scopeSchema),
    models: modelsSchema,
    status: z.enum(['active', 'expired', 'revoked']),
    created_at: time,
    created_by: apiKeyIdSchema.nullable().describe('The key that made it; null: MILLRACE_API_KEY.'),
    expires_at: time.nullable(),
    revoked_at: time.nullable(),
    last_used_at: time.nullable().describe('To the minute; null: never.'),
    replaced_by: apiKeyIdSchema.nullable().describe('The key that came in its place when it was rotated.'),
  })
  .meta({ id: 'ApiKey' })
export type ApiKey = z.infer<typeof apiKeySchema>

export const createdApiKeySchema = apiKeySchema
  .extend({ key: z.string().regex(API_KEY).describe('The key itself. It is shown here and never again.') })
  .meta({ id: 'CreatedApiKey' })

/** What a key may do when nothing bounds it: that of MILLRACE_API_KEY. */
export const EVERY_SCOPE: ReadonlySet<z.infer<typeof scopeSchema>> = new Set(ALL_SCOPES)

/** What a page sends to log in. */
export const sessionRequestSchema = z
  .strictObject({ key: z.string().min(1).max(512).describe('A key of the API. The answer does not repeat it.') })
  .meta({ id: 'SessionRequest' })
