/** The calls about what was used. Part of the client as `client.usage`. */
import type { Usage, UsageGroup } from '@millrace/contracts'
import type { CallOptions } from '../call-options.ts'
import type { Send, Sender } from '../http/sender.ts'

export interface UsageOptions extends CallOptions {
  /** First day in UTC, such as `2026-11-01`; at most 90 days back. Default: 29 days before `to`. */
  from?: string
  /** Last day. Default: today. */
  to?: string
  /** What each row is about. Default: one row for all. */
  by?: readonly UsageGroup[]
  /** Only of this model. */
  model?: string
  /** Of another tenant; needs an administrator's key. Default: the key's own, or all where `by` names `tenant`. */
  tenant?: string
}

export interface UsageCalls {
  get(options?: UsageOptions): Promise<Usage>
  /** The rows as CSV. */
  csv(options?: UsageOptions): Promise<string>
}

/** Many models and tenants are added up for one answer. */
const WITHIN = 60_000

export function usageCalls(sender: Sender): UsageCalls {
  const call = ({ from, to, by, model, tenant, signal, retries }: UsageOptions, accept: string): Send => {
    const query = new URLSearchParams()
    const asked = { from, to, model, tenant, by: by?.join(',') }
    for (const [name, value] of Object.entries(asked)) if (value) query.set(name, value)
    const path = query.size > 0 ? `/v1/usage?${query.toString()}` : '/v1/usage'
    return { path, headers: { accept }, signal, retries, withinMs: WITHIN }
  }
  return {
    get: (options = {}) => sender.json(call(options, 'application/json')),
    csv: (options = {}) => sender.send(call(options, 'text/csv'), (answer) => answer.text()),
  }
}
