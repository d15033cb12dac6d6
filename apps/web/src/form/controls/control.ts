/**
 * What a form shows for one place of an input. Made from the schema of the place by make-control.ts, drawn by `inputs`, and
 * filled and read by `draft`.
 */
import type { Json } from '../../json/json.ts'

/** What every control tells. */
interface About {
  title?: string
  description?: string
  /** What the server takes when nothing is given. */
  default?: Json
  /** The first of its examples, shown where nothing is typed. */
  example?: Json
  deprecated: boolean
  /** Null may be given. */
  nullable: boolean
}

export interface Range {
  least?: number
  most?: number
  /** The bounds themselves are not taken. */
  above?: number
  below?: number
  multipleOf?: number
}

/** How many characters or items there may be. */
export interface Count {
  least?: number
  most?: number
}

export interface TextControl extends About {
  kind: 'text'
  /** `long` has several lines, `secret` is not shown; the others are keyboards of a phone. */
  as: 'short' | 'long' | 'secret' | 'email' | 'url' | 'date'
  length: Count
  /** Checked by the server alone: it may mean something else to a browser, or take for ever. */
  pattern?: string
}

export interface NumberControl extends About {
  kind: 'number'
  whole: boolean
  range: Range
}

export interface FlagControl extends About {
  kind: 'flag'
}

export interface ChoiceControl extends About {
  kind: 'choice'
  values: Json[]
}

export interface FileControl extends About {
  kind: 'file'
  /** Media types, as the schema has them. */
  accept: string
}

export interface ListControl extends About {
  kind: 'list'
  /** Made when it is asked for: a schema may hold itself. */
  item: () => Control
  items: Count
  unique: boolean
}

export interface ObjectControl extends About {
  kind: 'object'
  fields: () => Field[]
}

/** One of several, such as a number or a text. */
export interface EitherControl extends About {
  kind: 'either'
  branches: Control[]
}

/** What no other control can ask for. */
export interface JsonControl extends About {
  kind: 'json'
}

export type Control =
  | TextControl
  | NumberControl
  | FlagControl
  | ChoiceControl
  | FileControl
  | ListControl
  | ObjectControl
  | EitherControl
  | JsonControl

export interface Field {
  name: string
  required: boolean
  control: Control
}
