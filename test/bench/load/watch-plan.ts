/** What the bench asks of its watchers, and what they answer. Sent as JSON between the two processes. */

export interface WatchPlan {
  url: string
  /** Jobs to be followed, one watcher each. */
  ids: string[]
}

/** What the process of the watchers says. `watching`: each has seen the history of its job. */
export type WatchReport =
  | { kind: 'watching' }
  | { kind: 'ends'; latenciesMs: number[]; cpuSeconds: number }
  | { kind: 'failed'; error: string }

/** What it is told: to begin, or to hand over what was measured since it last did. */
export type WatchOrder = { kind: 'watch'; plan: WatchPlan } | { kind: 'report' }
