/**
 * The schema keyword that marks the place of a file. The validator itself says where files are, so references, unions
 * and nested schemas need no walk of their own: it is called with the text that stands in for the file.
 */
import type { FuncKeywordDefinition, SchemaValidateFunction } from 'ajv'
import { parseDataUri } from './data-uri.ts'
import { acceptsMediaType } from '@millrace/contracts'

export const FILE_KEYWORD = 'x-millrace-file'

/** What one validation knows about files, and what it finds out. */
export interface FileContext {
  /** Media type of the uploaded part that a stand-in text means; undefined for any other text. */
  partType(text: string): string | undefined
  /** Whether a text names a file by id or address; its type is checked when it is known. Default: none does. */
  isReference?(text: string): boolean
  /** Media types that each place takes, by JSON pointer in the input. */
  readonly accepts?: Map<string, string>
  /** Text at each file place, by JSON pointer in the input. */
  readonly places: Map<string, string>
}

const check: SchemaValidateFunction = function (this: FileContext, accepted: string, data: unknown, _parent, at) {
  const message = typeof data === 'string' ? refuse(this, accepted, data) : HOW
  if (message === undefined && at) {
    this.places.set(at.instancePath, data as string)
    this.accepts?.set(at.instancePath, accepted)
  }
  if (message !== undefined) check.errors = [{ keyword: 'file', message, params: {} }]
  return message === undefined
}

export const fileKeyword: FuncKeywordDefinition = { keyword: FILE_KEYWORD, validate: check, errors: true }

const HOW = 'expected a file: a part of a multipart body, the id of an uploaded file, an https: address or a data: URI'

function refuse(context: FileContext, accepted: string, text: string): string | undefined {
  const type = context.partType(text) ?? parseDataUri(text)?.contentType
  if (type !== undefined) return acceptsMediaType(accepted, type) ? undefined : `expected ${accepted}, got ${type}`
  return context.isReference?.(text) ? undefined : HOW
}
