/** What the author of hooks writes, and the types that help. Imported by the module that MILLRACE_HOOKS names. */
import type { JobKind, Scope, WebhookJob } from '@millrace/contracts'

/** A submit, before its job is kept. All of it is a copy: to change something, return it. */
export interface Submission {
  /** Who submits. `key` is the id of the key; null: MILLRACE_API_KEY, or none was needed. */
  principal: { tenant: string; key: string | null; scopes: readonly Scope[] }
  model: string
  version: string
  kind: JobKind
  /**
   * As the schema of the model has it, with its defaults. At the place of a file stands a text, which must stay there: an id, an
   * address, a `data:` URI, or a name for an uploaded part.
   */
  input: Record<string, unknown>
  metadata: Record<string, string>
  /** Nothing will be kept: the client asks what would become of it. */
  dryRun: boolean
  /** Aborted when the time of the hook is over. */
  signal: AbortSignal
}

/** Nothing: take it as it is. `refuse`: why not, which the client is told. Else what is to change. */
export type SubmitAnswer =
  | undefined
  | null
  | { refuse: string }
  | { input?: Record<string, unknown>; metadata?: Record<string, string> }

/** A job as a webhook tells of its end, and whose it is. Its output is read from the API. */
export interface EndedJob extends WebhookJob {
  tenant: string
}

/** One try to tell of an end. */
export interface Ending {
  /** The same on every try: who has seen it need not act again. */
  id: string
  /** From 1 on. */
  attempt: number
  /** Aborted when the time of the hook is over. */
  signal: AbortSignal
}

export interface Hooks {
  /** Called before a job is kept, for at most half a second. If it throws or takes longer, the submit is refused. */
  beforeSubmit?(submission: Submission): SubmitAnswer | void | Promise<SubmitAnswer | void>
  /** Called after the end of each job, at least once. If it throws or takes longer than ten seconds, it is called again later. */
  afterEnd?(job: EndedJob, ending: Ending): unknown
}

/** Gives the hooks their types. The module exports what it returns as its default. */
export const defineHooks = (hooks: Hooks): Hooks => hooks
