/**
 * The state of one validation: what it is given and what it finds out. It is `this` in every keyword of ours. Made for each
 * run, by schema-runner.ts.
 */

/** Gives equal values the same number, so that each nested value is looked at once however many values are compared. */
export interface Numbered {
  /** Numbers by object identity. */
  ids: Map<object, number>
  /** Numbers by content: the keys of an object with the numbers of the objects in it. */
  made: Map<string, number>
}

/** The known result for one part of a value and one schema. */
export interface Remembered {
  valid: boolean
  errors: readonly object[]
  evaluated: { props?: unknown; items?: unknown } | undefined
}

/**
 * Tells what a text means where a file belongs: the media type of its bytes, `true` for a file whose type is not known yet,
 * undefined for a text that is not a file.
 */
export type FileTypeOf = (text: string) => string | true | undefined

/** A fresh state for one run. */
export const newCheckRun = (fileTypeOf: FileTypeOf): CheckRun => ({
  fileTypeOf,
  places: new Map(),
  accepts: new Map(),
  remembered: new Map(),
  numbered: { ids: new Map(), made: new Map() },
})

export interface CheckRun {
  fileTypeOf: FileTypeOf
  /** The text at each place of a file, by JSON pointer in the value. */
  readonly places: Map<string, string>
  /** The media types that each of these places takes. */
  readonly accepts: Map<string, string>
  /**
   * Known results by part of the schema, then by value: an object is its own key; a scalar is found by its place and itself.
   */
  readonly remembered: Map<object, Map<unknown, Remembered | Map<unknown, Remembered>>>
  /** Numbers of compared values; see linear-keywords.ts. */
  readonly numbered: Numbered
}
