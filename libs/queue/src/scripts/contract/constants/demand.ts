/** Figures of what is looked at to reckon how many workers a model needs. Part of script-constants.ts; RedisModelScaling reads by them. */
export const DEMAND = {
  /** The newest versions of a model, its workers, and its next jobs whose time has not come. */
  VERSIONS_SEEN: 10,
  WORKERS_SEEN: 256,
  LATER_SEEN: 100,
  /** Whole minutes before this one whose submits say how many come. */
  MINUTES_SEEN: 2,
} as const
