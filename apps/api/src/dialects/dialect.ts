/**
 * What a dialect is: routes that speak as another platform does, so that its clients need a new address and nothing else. All of
 * them submit through DialectIntake and read the one record. A new one is a folder beside this file and a row in dialects.ts.
 */
import type { Problem } from '@millrace/contracts'
import type { Authenticate } from '../http/access/authenticate.ts'
import type { EventStreams } from '../events/event-streams.ts'
import type { ApiDeps } from '../http/api-deps.ts'
import type { ApiMetrics } from '../http/api-metrics.ts'
import type { BodyRoom } from '../http/body/body-room.ts'
import type { HangUps } from '../http/hang-ups.ts'
import type { FindLimits } from '../http/limits/find-limits.ts'
import type { StoredRoom } from '../http/limits/stored-room.ts'
import type { Refusal } from '../http/middleware/answer-error.ts'
import type { Handler, UnlistedRoute } from '../http/router.ts'
import type { ModelCache } from '../models/model-cache.ts'
import type { FileSigner } from '@millrace/webhooks'
import type { DialectIntake } from './intake.ts'
import type { JobValues } from './job-values.ts'

/** One client, and the line that leads it here. `{base}` stands for the address of this server. */
export interface DialectClient {
  /** As it is installed: `npm replicate`, `pip replicate`. */
  client: string
  change: string
}

export interface Dialect {
  /** Of its folder. */
  name: string
  /** Of the platform. */
  title: string
  /** How its paths begin, without a slash at the end. */
  prefixes: readonly string[]
  clients: readonly DialectClient[]
  /** The path of a route, for other ways to write it. Default: there are none. */
  canonical?(path: string): string
  /** What its clients are told of a problem. Retry-After and `x-should-retry` are set for it. */
  refusal(problem: Problem): Refusal
  routes(router: DialectRouter, deps: DialectDeps): void
}

/** Each route says its scope and its audit, as all of ours do. */
export interface DialectRouter {
  addUnlisted(route: UnlistedRoute, handler: Handler): void
}

export type DialectDeps = ApiDeps & {
  /** The one way to submit. */
  doorway: DialectIntake
  /** Inputs and outputs as these clients read them. */
  values: JobValues
  /** A second old at most. For what must be newest: `models`. */
  cache: ModelCache
  signer: FileSigner
  streams: EventStreams
  hangUps: HangUps
  bodies: BodyRoom
  apiMetrics: ApiMetrics
  limits: FindLimits
  storedRoom: StoredRoom
  authenticate: Authenticate
}
