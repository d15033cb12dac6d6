/** A row of the table of problems. Used by its parts, which stand beside this file. */

export interface ProblemEntry {
  readonly status: number
  readonly title: string
  /** What the caller can do about it. */
  readonly fix: string
}
