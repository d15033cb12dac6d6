/** What one validation knows and finds out: `this` in every keyword of ours. Made by build-validator.ts for each run. */

/** Numbers for equal values, so that a value inside others is looked at once however many of them are compared. */
export interface Numbered {
  /** By the object itself. */
  ids: Map<object, number>
  /** By what it is made of: its keys, with the numbers of the objects in it. */
  made: Map<string, number>
}

/** What is known of one part of a value and one schema. */
export interface Remembered {
  valid: boolean
  errors: readonly object[]
  evaluated: { props?: unknown; items?: unknown } | undefined
}

/**
 * What a text stands for where a file belongs: the media type of its bytes, `true` for a file whose type is not known yet,
 * undefined for a text that is no file.
 */
export type FileTypeOf = (text: string) => string | true | undefined

/** What a run begins with. */
export const newCheckRun = (fileTypeOf: FileTypeOf): CheckRun => ({
  fileTypeOf,
  places: new Map(),
  accepts: new Map(),
  remembered: new Map(),
  numbered: { ids: new Map(), made: new Map() },
})

export interface CheckRun {
  fileTypeOf: FileTypeOf
  /** Text at each place of a file, by JSON pointer in the value. */
  readonly places: Map<string, string>
  /** Media types that each of these places takes. */
  readonly accepts: Map<string, string>
  /** Verdicts by reference, then by part: an object itself, or where a scalar stands and the scalar. */
  readonly remembered: Map<object, Map<unknown, Remembered | Map<unknown, Remembered>>>
  /** Of what has been compared; see linear-keywords.ts. */
  readonly numbered: Numbered
}
