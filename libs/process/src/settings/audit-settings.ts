/** The settings of the audit: how much of it is kept, and whom to believe about where a request came from. Part of config-schema.ts. */
import { networks, setting, wholeNumber } from './setting-kinds.ts'

export const auditSettings = {
  auditDays: setting('MILLRACE_AUDIT_DAYS', '365', 'How long it is kept who changed what. Days.', wholeNumber(1, 3650)),
  auditEntries: setting(
    'MILLRACE_AUDIT_ENTRIES',
    '100000',
    'How many entries of that are kept, some 300 bytes each in Redis; above it the oldest go.',
    wholeNumber(1000, 10_000_000),
  ),
  trustedProxies: setting(
    'MILLRACE_TRUSTED_PROXIES',
    '',
    'Proxies whose X-Forwarded-For is believed about the address of a client, with commas between: 10.0.0.0/8, ::1.',
    networks,
  ),
}
