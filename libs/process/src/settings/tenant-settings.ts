/** The settings of what a model and a tenant may have open, and of what a tenant is given. Part of config-schema.ts. */
import { numbersByTenant, setting, wholeNumber } from './setting-kinds.ts'

export const tenantSettings = {
  maxOpenJobs: setting(
    'MILLRACE_MAX_OPEN_JOBS',
    '100000',
    'Open jobs per model, all tenants together; above it submits answer 503.',
    wholeNumber(1, 100_000_000),
  ),
  maxTenantJobs: setting(
    'MILLRACE_MAX_TENANT_JOBS',
    '10000',
    'Open jobs of a tenant, over all models; above it submits answer 429. What is set for a tenant goes before it.',
    wholeNumber(1, 100_000_000),
  ),
  tenantWeights: setting(
    'MILLRACE_TENANT_WEIGHTS',
    '',
    'Shares of device time while tenants wait for the same line of a model, with commas between: acme=5,beta=2; 1 for all others. What is set for a tenant goes before it.',
    numbersByTenant(1000),
  ),
  tenantRunning: setting(
    'MILLRACE_TENANT_RUNNING',
    '',
    'How many jobs of a tenant may run at once, over all models, with commas between: acme=10; no limit for all others. What is set for a tenant goes before it.',
    numbersByTenant(1_000_000),
  ),
}
