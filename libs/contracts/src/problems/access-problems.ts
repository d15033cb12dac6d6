/** Refusals of who may not, and of what is asked about keys and tenants. Part of the table in problem.ts. */
import type { ProblemEntry } from './problem-entry.ts'

export const ACCESS_PROBLEMS = {
  unauthorized: { status: 401, title: 'The API key is missing or wrong', fix: 'Send `Authorization: Bearer <key>`.' },
  forbidden: {
    status: 403,
    title: 'The link is not valid, or has expired',
    fix: 'Read the job again for a fresh link.',
  },
  foreign_origin: {
    status: 403,
    title: 'A session changes things only for pages of this server',
    fix: 'Send the request from a page of this server, or with `Authorization: Bearer <key>`.',
  },
  too_many_logins: {
    status: 429,
    title: 'Too many keys were tried from this address',
    fix: 'Send the request again after `Retry-After` seconds.',
  },
  scope_missing: {
    status: 403,
    title: 'The key may not do this',
    fix: 'Use a key that has the scope which `detail` names.',
  },
  submit_refused: {
    status: 403,
    title: 'A rule of this installation refuses the job',
    fix: 'See `detail` for the reason, or ask who runs the server.',
  },
  model_not_allowed: {
    status: 403,
    title: 'The key may not use this model',
    fix: 'GET /v1/models lists the models that it may use.',
  },
  key_not_found: { status: 404, title: 'There is no such key', fix: 'Check the id: GET /v1/keys lists the keys.' },
  key_ended: {
    status: 409,
    title: 'The key has expired or was revoked',
    fix: 'Make a new key: POST /v1/keys.',
  },
  key_limit: {
    status: 409,
    title: 'The highest number of keys is reached',
    fix: 'Revoke keys that are not needed; they are forgotten 30 days after their end.',
  },
  tenant_not_found: {
    status: 404,
    title: 'There is no such tenant',
    fix: 'Check the id: GET /v1/tenants lists those that keys name or for which something was set.',
  },
  tenant_erased: {
    status: 409,
    title: 'All that the tenant has is being erased, or was a short while ago',
    fix: 'Its name can be used again two hours after the end of the erasure.',
  },
  tenant_not_erasable: {
    status: 409,
    title: 'This tenant cannot be erased as a whole',
    fix: 'It is the tenant of MILLRACE_API_KEY, which cannot end. Erase its jobs by `metadata`.',
  },
  erasure_uncounted: {
    status: 409,
    title: 'Nobody has counted what would be erased',
    fix: 'Begin a dry run of the same first (`dry_run`), read it when it is done, and send its id as `counted` within a day.',
  },
  erasure_not_found: {
    status: 404,
    title: 'There is no such erasure',
    fix: 'Check the id; what became of it is known for 90 days.',
  },
  tenants_full: {
    status: 409,
    title: 'The highest number of tenants is reached',
    fix: 'Use a tenant that is there.',
  },
} as const satisfies Record<string, ProblemEntry>
