/** Figures of what tenants have used. Part of script-constants.ts; RedisUsageStore reads by them. */
import { LIMITS } from '@millrace/contracts'
import { USAGE_COLUMNS } from '../../../ports/usage/usage-store.ts'

const DAY_SECONDS = 86_400

type Used = `USED_${Uppercase<(typeof USAGE_COLUMNS)[number]>}`
const USED = Object.fromEntries(USAGE_COLUMNS.map((name, i) => [`USED_${name.toUpperCase()}`, i + 1])) as Record<
  Used,
  number
>

export const USAGE = {
  /** The column of each. */
  ...USED,
  USED_COLUMNS: USAGE_COLUMNS.length,
  /** From the first use of a day: the day itself, and so many that it can be asked for. */
  USAGE_KEPT_SECONDS: (LIMITS.usageDays + 1) * DAY_SECONDS,
  /** In the place of a key's id: jobs of the key of the settings, or of a server without one. */
  NO_KEY: '-',
  /** Buckets in one answer, about. */
  USAGE_ROWS: 2000,
} as const
