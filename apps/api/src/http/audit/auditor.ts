/**
 * Writes down who did what. Before a route acts, it is noted that it is about to; if that cannot be written, the request is refused and
 * nothing is done. Afterwards it is noted how it ended; if that cannot be written, the entry says `unknown`. So nothing is done that
 * the audit knows nothing of. Called by the router for every route that names an action.
 */
import {
  AUDIT_ACTIONS,
  AUDIT_SUBJECTS,
  type AuditAction,
  type AuditEntry,
  type AuditNote,
  ProblemError,
} from '@millrace/contracts'
import { type AuditLog, isUnavailable, newAuditId, type NewAuditEntry } from '@millrace/queue'
import type { ApiContext, ApiDeps } from '../api-deps.ts'
import { mayDo, type Principal } from '../access/principal.ts'

/** Adds to the entry that is written about this request. Called by handlers, as soon as they know. */
export function noteAudit(c: ApiContext, note: AuditNote): void {
  c.set('auditNote', { ...c.get('auditNote'), ...note })
}

export interface AuditedRoute {
  action: AuditAction
  /** Whether what it does is about all tenants, and not about the one who asks. */
  isForAll: boolean
}

type AuditorDeps = Pick<ApiDeps, 'audit' | 'logger'> & { addressOf: (c: ApiContext) => string | null }

export class Auditor {
  readonly #log: Pick<AuditLog, 'begin' | 'add'>
  readonly #logger: ApiDeps['logger']
  readonly #addressOf: (c: ApiContext) => string | null

  constructor({ audit, logger, addressOf }: AuditorDeps) {
    this.#log = audit
    this.#logger = logger
    this.#addressOf = addressOf
  }

  /** Rejects as `act` does, and with QueueUnavailableError or ProblemError before it when the beginning cannot be written. */
  async around(c: ApiContext, route: AuditedRoute, principal: Principal, act: () => Response | Promise<Response>) {
    const begun = this.#entry(c, route, principal)
    const options = { bounded: isBounded(principal) }
    await this.#log.begin(begun, options)
    const end = async (how: Pick<AuditEntry, 'outcome' | 'code'>): Promise<void> => {
      const entry = { ...begun, ...c.get('auditNote'), ...how }
      await this.#log.add(entry, options).catch((error: unknown) => this.#complain(c, route.action, error))
    }
    try {
      const answer = await act()
      await end({ outcome: 'done', code: null })
      return answer
    } catch (error) {
      await end(failureOf(error))
      throw error
    }
  }

  /** For a key that is good, but not for this. Others who are refused are not known, and anybody can be one of them. */
  async refused(c: ApiContext, route: AuditedRoute, error: unknown): Promise<void> {
    const principal = c.get('principal')
    if (!principal || !(error instanceof ProblemError) || error.code !== 'scope_missing') return
    const entry = { ...this.#entry(c, route, principal), ...failureOf(error) }
    // Nothing is done, so this may fail.
    await this.#log.add(entry, { bounded: true }).catch((fault: unknown) => this.#complain(c, route.action, fault))
  }

  #entry(c: ApiContext, { action, isForAll }: AuditedRoute, { tenant, key }: Principal): NewAuditEntry {
    return {
      ...{ id: newAuditId(), action, by: { tenant, key, address: this.#addressOf(c) } },
      ...{ tenant: isForAll ? null : tenant, subject: subjectOf(c, action), before: null, after: null },
      ...{ outcome: 'unknown', code: null, request_id: c.get('requestId') },
    }
  }

  #complain(c: ApiContext, action: AuditAction, error: unknown): void {
    const fields = { action, request_id: c.get('requestId') }
    if (isUnavailable(error)) this.#logger.warn(fields, 'the audit could not be told how an action ended')
    else this.#logger.error({ ...fields, err: error }, 'the audit could not be told how an action ended')
  }
}

const isBounded = (principal: Principal): boolean => !mayDo(principal, 'admin')

function subjectOf(c: ApiContext, action: AuditAction): string | null {
  const { subject } = AUDIT_ACTIONS[action]
  if (subject === null) return null
  const { param, schema } = AUDIT_SUBJECTS[subject]
  return schema.safeParse(c.req.param(param)).data ?? null
}

function failureOf(error: unknown): Pick<AuditEntry, 'outcome' | 'code'> {
  if (error instanceof ProblemError) return { outcome: error.status < 500 ? 'refused' : 'failed', code: error.code }
  return { outcome: 'failed', code: isUnavailable(error) ? 'unavailable' : 'internal' }
}
