/**
 * Moving the jobs that wait in a line to another version, as one thing with an id. Begun by the API's routes. A worker does it: it
 * has to read each input and check it, which no script can; see apps/worker/src/upkeep/relocator.ts.
 */
import type {
  JobId,
  JsonValue,
  InputFile,
  Manifest,
  Misfit,
  ReadRelocationRequest,
  Relocation,
} from '@millrace/contracts'

export interface Relocations {
  /** From now on the jobs that wait in that line and are here are moved, page by page. Answers its id. */
  begin(model: string, request: ReadRelocationRequest, to: Manifest): Promise<string>
  /** How far it is; undefined when there is none, or a week after its end. */
  get(model: string, id: string): Promise<Relocation | undefined>
}

/** Jobs that are to be looked at. They are to be given back, each as one that fits or does not, or not at all if it waits no more. */
export interface RelocationPage {
  id: string
  after: string
  next: string
  last: boolean
  jobs: JobId[]
}

export interface FittingJob {
  id: JobId
  /** Of the record that was looked at: one that has changed since is left alone. */
  revision: number
  /** Where it is to wait. */
  line: string
  /** With the defaults of that version. Default: as it is. */
  input?: JsonValue | undefined
  files?: readonly InputFile[] | undefined
}

export interface MisfittingJob extends Omit<Misfit, 'job'> {
  id: JobId
  revision: number
}

export interface RelocationUpkeep {
  /** The next jobs of the oldest one that is not done; undefined: there is none, or another process has them. */
  page(model: string): Promise<RelocationPage | undefined>
  /** What its jobs are checked by; undefined when it is done. */
  target(model: string, id: string): Promise<{ manifest: Manifest; isPinned: boolean } | undefined>
  /** Moves and counts the jobs of a page, all at once. A page that was done meanwhile changes nothing. Answers whether there is more. */
  done(model: string, page: RelocationPage, fits: FittingJob[], misfits: MisfittingJob[]): Promise<boolean>
}
