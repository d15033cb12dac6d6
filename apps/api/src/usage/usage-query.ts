/** What GET /v1/usage is asked for, and whether the asker may be told. Called by usage-routes.ts. */
import {
  type Fault,
  LIMITS,
  modelNameSchema,
  ProblemError,
  tenantIdSchema,
  USAGE_GROUPS,
  type UsageGroup,
} from '@millrace/contracts'
import type { DayRange } from '@millrace/queue'
import { z } from 'zod'
import { mayDo, type Principal } from '../http/access/principal.ts'
import { parseRequest } from '../http/request-faults.ts'

const DAY_MS = 86_400_000
/** Days that are told when `from` is left out, today among them. */
const DEFAULT_DAYS = 30

const day = z.iso.date('expected a day, such as 2026-11-29')

const group = ` *(?:${USAGE_GROUPS.join('|')}) *`
const groups = new RegExp(`^${group}(?:,${group})*$`)

export const usageQuerySchema = z.strictObject({
  from: day
    .optional()
    .describe(
      `First day, in UTC; at most ${LIMITS.usageDays} days back. Default: ${DEFAULT_DAYS - 1} days before \`to\`.`,
    ),
  to: day.optional().describe('Last day. Default: today.'),
  by: z
    .string()
    .max(64)
    .regex(groups, `expected some of ${USAGE_GROUPS.join(', ')}, with commas between`)
    .optional()
    .describe(
      `What each row is about: any of ${USAGE_GROUPS.join(', ')}, with commas between. Default: one row for all.`,
    ),
  model: modelNameSchema.optional().describe('Only of this model.'),
  tenant: tenantIdSchema
    .optional()
    .describe(
      'Of another tenant; needs the scope `admin`. Default: your own, or all tenants where `by` names `tenant`.',
    ),
})

export interface UsageQuery {
  from: string
  to: string
  by: UsageGroup[]
  /** What there may be of these days. */
  days: DayRange
  model: string | undefined
  /** Undefined: all. */
  tenant: string | undefined
}

/** `today`: by the clock of Redis, in days since 1970. Throws ProblemError. */
export function readUsageQuery(text: Record<string, string>, principal: Principal, today: number): UsageQuery {
  const query = parseRequest(usageQuerySchema, text)
  const by = groupsOf(query.by)
  const to = query.to === undefined ? today : dayOf(query.to)
  const oldest = today - LIMITS.usageDays
  const from = query.from === undefined ? Math.max(oldest, to - DEFAULT_DAYS + 1) : dayOf(query.from)
  if (from < oldest)
    throw refuse('/from', 'too_old', `expected ${dayText(oldest)} or later: what was used is known for so long`)
  if (from > to) throw refuse('/from', 'after_to', 'expected a day that is not after `to`')
  const { model } = query
  if (model !== undefined && principal.models && !principal.models.names.has(model))
    throw new ProblemError('model_not_allowed')
  return {
    ...{ from: dayText(from), to: dayText(to), by, model },
    // A shard's clock may be a moment ahead.
    days: { from, to: Math.min(to, today + 1) },
    tenant: tenantFor(query.tenant, by, principal),
  }
}

/** Their order is that of the table, so that a group is written in one way only. */
function groupsOf(text: string | undefined): UsageGroup[] {
  if (text === undefined) return []
  const words = text.split(',').map((word) => word.trim())
  return USAGE_GROUPS.filter((group) => words.includes(group))
}

function tenantFor(asked: string | undefined, by: readonly UsageGroup[], principal: Principal): string | undefined {
  if (mayDo(principal, 'admin')) return asked ?? (by.includes('tenant') ? undefined : principal.tenant)
  if ((asked === undefined || asked === principal.tenant) && !by.includes('tenant')) return principal.tenant
  throw new ProblemError('scope_missing', { detail: 'To be told of other tenants needs the scope admin.' })
}

const dayOf = (text: string): number => Date.parse(text) / DAY_MS

/** `2026-11-29` */
export const dayText = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10)

const refuse = (path: string, code: string, message: string): ProblemError => {
  const errors: Fault[] = [{ path, code, message }]
  return new ProblemError('invalid_request', { errors })
}
