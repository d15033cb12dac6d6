/** The calls about versions of a model: which there are, and which takes the jobs that name none. Made by create-client.ts. */
import type { Relocation, RelocationRequest } from '@millrace/contracts'
import type { CallOptions } from '../call-options.ts'
import { jsonBody } from '../http/request-body.ts'
import type { Send, Sender } from '../http/sender.ts'

export interface VersionView {
  object: 'model_version'
  version: string
  /** Submits that name no version go to it, unless traffic is split. */
  current: boolean
  introduced_at: string
  workers: number
  /** Null, like all that counts jobs of others too, for a key without the scope admin. */
  queued: number | null
  /** Percent of the submits that name no version. Null without a split. */
  traffic: number | null
  outcomes: { succeeded: number; failed: number } | null
  /** Why it lost its share by itself. */
  returned: ReturnedVersion | null
  contracts: string[]
}

export interface ReturnedVersion {
  at: string
  share: number
  failed: number
  jobs: number
  others_failed: number
  others_jobs: number
}

export interface SteeringEventView extends Partial<Omit<ReturnedVersion, 'at'>> {
  at: string
  type: string
  version?: string
  from?: string
  follows?: boolean
  shares?: { version: string; share: number }[]
}

/** When a version loses its share by itself: after so many jobs, if it fails more often than the others by the margin (of 1). */
export interface TrafficGuard {
  jobs?: number
  margin?: number
}

export interface VersionList {
  object: 'list'
  /** The newest first. */
  data: VersionView[]
  contracts: { contract: string; queued: number | null; workers: number; versions: string[]; note: string | null }[]
  current: { version: string | null; set_by: 'operator' | 'newest'; previous: string | null }
  guard: Required<TrafficGuard> | null
  /** What happened to the versions, the newest first. */
  events: SteeringEventView[]
}

export interface VersionCalls {
  list(model: string, options?: CallOptions): Promise<VersionList>
  /** Makes a version the current one. Null: the newest, and whichever is newest later. */
  promote(model: string, version: string | null, options?: CallOptions): Promise<VersionList>
  /** Back to the version that was current before. Not sent again by itself: a second one undoes the first. */
  rollback(model: string, options?: CallOptions): Promise<VersionList>
  /** Splits the submits that name no version, in percent. Empty: no split. `guard` null: no version loses its share by itself. */
  traffic(
    model: string,
    versions: Readonly<Record<string, number>>,
    options?: CallOptions & { guard?: TrafficGuard | null },
  ): Promise<VersionList>
  /** Moves jobs that wait to another version. It goes on in the workers: read it again with `readMove`. Not sent again by itself. */
  move(model: string, request: RelocationRequest, options?: CallOptions): Promise<Relocation>
  readMove(model: string, id: string, options?: CallOptions): Promise<Relocation>
}

export function versionCalls(sender: Sender): VersionCalls {
  const call = (model: string, what: string, { signal, retries }: CallOptions): Send => ({
    ...{ path: `/v1/models/${encodeURIComponent(model)}/${what}`, signal, retries, withinMs: 30_000 },
  })
  return {
    list: (model, options = {}) => sender.json(call(model, 'versions', options)),
    promote: (model, version, options = {}) =>
      sender.json({ ...call(model, 'promote', options), method: 'POST', body: jsonBody({ version }) }),
    rollback: (model, options = {}) =>
      sender.json({ ...call(model, 'rollback', { ...options, retries: 0 }), method: 'POST' }),
    traffic: (model, versions, { guard, ...options } = {}) =>
      sender.json({ ...call(model, 'traffic', options), method: 'PUT', body: jsonBody({ versions, guard }) }),
    move: (model, request, options = {}) =>
      sender.json({ ...call(model, 'move', { ...options, retries: 0 }), method: 'POST', body: jsonBody(request) }),
    readMove: (model, id, options = {}) => sender.json(call(model, `moves/${encodeURIComponent(id)}`, options)),
  }
}
