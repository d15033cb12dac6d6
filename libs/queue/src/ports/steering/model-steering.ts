/**
 * Which version of a model gets the jobs that name none: the current one, or a split between several. Set by an operator through
 * the API; the reconciler looks after it, and tells what happened.
 */

/** Of submits that name no version. */
export interface TrafficShare {
  version: string
  /** Percent. What all shares leave of 100 goes to the current version. */
  share: number
}

/** When a version loses its share by itself. */
export interface Guard {
  /** So many of its jobs are waited for before it is compared, and again each time. */
  jobs: number
  /** By how much of 1 its share of failed jobs must be above that of all others together. */
  margin: number
}

/** How jobs ended that the split gave to a version. Failures are the model's own. */
export interface Outcomes {
  succeeded: number
  failed: number
}

/** Why a version has no share any more. */
export interface Returned {
  /** ISO 8601. */
  at: string
  /** The share that it had. */
  share: number
  /** Its jobs in the time that was looked at, and those of all others. */
  failed: number
  jobs: number
  others_failed: number
  others_jobs: number
}

/**
 * `followed`: a version became current by itself, as the newest, or since nobody had the other. `unserved`: no worker has a version
 * of the split, and its share goes to the current one; `served`: one has it again.
 */
export const STEERING_EVENTS = [
  'promoted',
  'rolled_back',
  'followed',
  'traffic',
  'traffic_ended',
  'returned',
  'unserved',
  'served',
] as const

export interface SteeringEvent {
  type: (typeof STEERING_EVENTS)[number]
  version?: string
  /** The version that was current before. */
  from?: string
  /** The newest version is current from then on, whichever that is. */
  follows?: boolean
  shares?: TrafficShare[]
  share?: number
  failed?: number
  jobs?: number
  others_failed?: number
  others_jobs?: number
}

export interface Steering {
  /** An operator has set the current version; else it is the newest. */
  isSet: boolean
  /** The version that was current before. */
  previous: string | null
  /** Empty: traffic is not split. */
  traffic: TrafficShare[]
  guard: Guard | null
  /** By version, since the split was set. */
  outcomes: ReadonlyMap<string, Outcomes>
  returned: ReadonlyMap<string, Returned>
  /** The newest first. */
  events: (SteeringEvent & { at: string })[]
}

export interface ModelSteering {
  steering(model: string): Promise<Steering>
  /** The shares of versions that a worker has. Empty: traffic is not split. */
  traffic(model: string): Promise<readonly TrafficShare[]>
  /** Null: the newest that a worker has, and whichever is newest later. Ends a split. */
  promote(model: string, version: string | null): Promise<'done' | 'missing'>
  /** Back to the version that was current before. Ends a split. */
  rollback(model: string): Promise<'done' | 'missing'>
  /** None: ends the split. If no operator has set the current version, that of the largest share is set. */
  split(model: string, shares: readonly TrafficShare[], guard: Guard | null): Promise<SplitResult>
}

/** `missing`: there is no such version. */
export type SplitResult = { outcome: 'done' } | { outcome: 'missing'; version: string }

export interface SteeringUpkeep {
  /** Looks after the split of a model. Answers what has happened and was not told yet. */
  tendSteering(model: string): Promise<SteeringEvent[]>
}
