/** How many workers a model needs, for whoever starts and ends them. The driver is in scaling/. */

export interface ScaleAsk {
  /** Within so long what waits is to have begun. Milliseconds. */
  targetWaitMs: number
  /** How long it takes from the wish for a worker until it takes jobs. Milliseconds; default: as long as the last one loaded the model. */
  coldStartMs?: number | undefined
}

/** What is there, of a version or of a line. */
export interface ScaleDepth {
  /** Jobs that wait and whose time has come. */
  queued: number
  /** How long the one has waited that waits longest. Milliseconds; 0: none does. */
  oldestMs: number
  /** Live ones. */
  workers: number
  /** Jobs that these can run at once. */
  slots: number
  /** How many of these are taken, on average of the last seconds. */
  busySlots: number
}

/** The workers of one version, and the jobs that count to them. */
export interface ScalePoolState extends ScaleDepth {
  version: string
  isCurrent: boolean
  isPaused: boolean
  /** Jobs that one worker runs at once; undefined: not known. */
  slotsEach: number | undefined
  /** How long one of its jobs runs; undefined: not known. Milliseconds. */
  runMs: number | undefined
  /** Undefined: not known. Milliseconds. */
  coldStartMs: number | undefined
  /** How long a need is kept to. Milliseconds. */
  holdMs: number
  /** Workers that are needed now. */
  needed: number
  /** The most that were needed within `holdMs`, now included. */
  wanted: number
}

export interface ScaleLineState extends ScaleDepth {
  line: string
  /** The version whose workers it counts to; undefined: there is none. */
  pool: string | undefined
  /** Workers that what waits in it alone needs. */
  needed: number
}

export interface ScaleState {
  queued: number
  scheduled: number
  /** In the hands of workers. */
  running: number
  pools: ScalePoolState[]
  /** Those in which jobs wait whose time has come, the longest first. At most 20. */
  lines: ScaleLineState[]
}

export interface ModelScaling {
  /**
   * Two calls of Redis at most, which cost the same whatever waits: one that looks, and one that keeps what is needed when that is more
   * than before. Undefined when the model was never published. Rejects with QueueUnavailableError when Redis is away.
   */
  state(model: string, ask: ScaleAsk): Promise<ScaleState | undefined>
}
