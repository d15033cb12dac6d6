/**
 * Actions on all jobs of a tenant that match, each one thing with an id. Begun by the API's routes; done by JobActionRunner in workers, and in
 * the process of the API that began it. Every step may be done twice.
 */
import type { JobAction, JobActionKind, JobFilter, JobId, JobStatus } from '@millrace/contracts'

export interface NewJobAction {
  tenant: string
  action: JobActionKind
  filter: JobFilter
  isDry: boolean
  /** How many are to match. Undefined for one that only counts. */
  expect: number | undefined
  /** Default: all models. */
  models?: ReadonlySet<string> | undefined
}

/** On whose behalf. `models`: an action that is about any other model is not shown. */
export interface JobActionReader {
  tenant: string
  models?: ReadonlySet<string> | undefined
}

export interface JobActions {
  /** `limited`: as many of the tenant go on as may. `barred`: it is being erased. */
  /** It is this process' own for a while: whoever asked is to hear of the count. */
  begin(
    action: NewJobAction,
  ): Promise<{ outcome: 'begun'; id: string } | { outcome: 'limited' } | { outcome: 'barred' }>
  /** How far it is; undefined when there is none, or a week after its end. */
  get(id: string, reader: JobActionReader): Promise<JobAction | undefined>
  /** Newest first. Throws InvalidCursorError. */
  list(
    reader: JobActionReader,
    page: { limit: number; cursor?: string | undefined },
  ): Promise<{ actions: JobAction[]; nextCursor: string | null }>
  /** It is to do nothing more; what it did stays done. */
  stop(id: string): Promise<void>
}

export interface OpenJobAction extends Pick<NewJobAction, 'tenant' | 'action' | 'filter'> {
  id: string
  models: readonly string[]
}

/** Of an action in the shard of one model. */
export interface ActionPart {
  model: string
  /** Jobs that were submitted later are none of it. Unix time in milliseconds, by the clock of that shard. */
  untilMs: number
  /** Behind which job it goes on; '' at its beginning. */
  at: string
  isEnded: boolean
}

/** Jobs that match, as they were when they were looked at. */
export interface ActionTurn {
  jobs: { id: JobId; status: JobStatus; fence: number; place: string }[]
  /** Behind which place it goes on. */
  next: string
  isLast: boolean
  /** Jobs that match by what is known, and whose records could not be read. */
  unread: number
}

/** For whoever does them. */
export interface JobActionUpkeep {
  /** Those that go on. */
  open(): Promise<OpenJobAction[]>
  /** The same of one; undefined when it has ended. */
  going(id: string): Promise<OpenJobAction | undefined>
  /** Where it is; `taken`: another process goes on with it. Else it is this process' own for a while. */
  take(id: string): Promise<'counting' | 'running' | 'stopping' | 'taken' | 'ended'>
  /** Makes its part in the shard of a model, or finds the one that is there. */
  part(action: OpenJobAction, model: string): Promise<ActionPart>
  /** How many match by the indexes alone; undefined when jobs have to be looked at. */
  countByIndex(action: OpenJobAction, part: ActionPart): Promise<number | undefined>
  /** The next jobs that match, behind a place. */
  find(action: OpenJobAction, part: ActionPart, after: string): Promise<ActionTurn>
  /** All are counted. Answers where the action is then. */
  counted(id: string, matched: number): Promise<'running' | 'stopping' | 'ended'>
  /** Some of what was found has its turn. False: another process had it. `purged`: jobs whose objects and holds are to go now. */
  act(action: OpenJobAction, part: ActionPart, turn: ActionTurn): Promise<{ isDone: boolean; purged: JobId[] }>
  /** Nothing more is done there, whoever was about to. */
  halt(action: OpenJobAction, model: string): Promise<void>
  /** All parts are at their end. Answers what became of it; undefined when somebody else was first. */
  close(action: OpenJobAction): Promise<JobAction | undefined>
}
