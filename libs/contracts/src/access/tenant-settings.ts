/**
 * What an operator sets for a tenant: its limits, and its weight in the hand-out. What is not set is as the installation has it
 * (MILLRACE_*). Kept by `libs/queue`, served and enforced by `apps/api`, told to the shards of models for the hand-out.
 */
import { z } from 'zod'
import { LIMITS } from '../limits.ts'
import { tenantIdSchema } from './tenant.ts'

interface SettingEntry {
  /** What it bounds, and in which unit. */
  readonly about: string
  readonly min: number
  readonly max: number
}

/** In this order they are shown. Every setting is a whole number. */
export const TENANT_SETTINGS = {
  weight: { about: 'Its share in the hand-out while others wait too.', min: 1, max: 1000 },
  open_jobs: { about: 'Jobs that are queued or running, over all models.', min: 0, max: 100_000_000 },
  running_jobs: { about: 'Jobs that run at once, over all models; others wait.', min: 0, max: 1_000_000 },
  submits_per_minute: { about: 'Submits in any 60 seconds.', min: 0, max: 100_000_000 },
  device_seconds_per_day: { about: 'Seconds of devices that its jobs use in a day (UTC).', min: 0, max: 1e12 },
  stored_bytes: { about: 'Bytes of its files, inputs and outputs that are kept.', min: 0, max: 2 ** 53 - 1 },
  streams: { about: 'Event streams that one API holds open for it.', min: 0, max: 1_000_000 },
  input_bytes: {
    about: 'Bytes of the body of a submit, and of a file that is uploaded.',
    min: 0,
    max: LIMITS.uploadBytes,
  },
  retention_seconds: { about: 'Seconds that an ended job is kept at most.', min: 60, max: LIMITS.keepSeconds },
} as const satisfies Record<string, SettingEntry>

export type TenantSetting = keyof typeof TENANT_SETTINGS
export const TENANT_SETTING_NAMES = Object.keys(TENANT_SETTINGS) as TenantSetting[]

/** Absent: as the installation has it. */
export type TenantSettings = { readonly [Name in TenantSetting]?: number | undefined }
/** Null: as the installation has it from now on. Absent: as it is. */
export type TenantChanges = { readonly [Name in TenantSetting]?: number | null | undefined }

function shapeOf<Schema extends z.ZodType>(toSchema: (entry: SettingEntry) => Schema): Record<TenantSetting, Schema> {
  const entries = Object.entries<SettingEntry>(TENANT_SETTINGS).map(([name, entry]) => [name, toSchema(entry)])
  return Object.fromEntries(entries) as Record<TenantSetting, Schema>
}

/** The body of a change. */
export const tenantChangesSchema = z
  .strictObject(
    shapeOf(({ about, min, max }) =>
      z.number().int().min(min).max(max).nullable().optional().describe(`${about} null: as the installation has it.`),
    ),
  )
  .meta({ id: 'TenantChanges' })

/** A tenant as an operator sees it. */
export const tenantSchema = z
  .object({
    object: z.literal('tenant'),
    id: tenantIdSchema,
    settings: z
      .object(shapeOf(({ about }) => z.number().nullable().describe(about)))
      .describe('What is set for it; null: as the installation has it.'),
    in_force: z
      .object(shapeOf(({ about }) => z.number().nullable().describe(about)))
      .describe('What holds, with what the installation has for all; null: no limit.'),
    changed_at: z.iso.datetime().nullable().describe('When its settings were changed last; null: never.'),
  })
  .meta({ id: 'Tenant' })
export type Tenant = z.infer<typeof tenantSchema>

/** What is left of a limit. */
export const tenantLimitSchema = z.object({
  limit: z.number().nullable().describe('null: there is no limit.'),
  used: z.number().nullable().describe('null: it is not counted, as for what bounds each request alone.'),
  remaining: z.number().nullable().describe('null: no limit, or it is not counted.'),
  resets_at: z.iso
    .datetime()
    .nullable()
    .describe('When all of it is free again; null: as soon as less is used, or never.'),
})
export type TenantLimit = z.infer<typeof tenantLimitSchema>

/** What a tenant sees of itself. */
export const ownTenantSchema = z
  .object({
    object: z.literal('own_tenant'),
    id: tenantIdSchema,
    limits: z.object(
      Object.fromEntries(
        Object.entries(TENANT_SETTINGS).map(([name, { about }]) => [name, tenantLimitSchema.describe(about)]),
      ) as Record<TenantSetting, typeof tenantLimitSchema>,
    ),
  })
  .meta({ id: 'OwnTenant' })
export type OwnTenant = z.infer<typeof ownTenantSchema>
