/**
 * The keyword that marks the place of a file. The validator calls it with whatever stands for the file. So the validator
 * itself says where files are, and no other walk has to know references, unions and nested schemas. Registered by
 * build-validator.ts.
 */
import { acceptsMediaType, ANY_BYTES, essenceOf } from '@millrace/contracts'
import type { FuncKeywordDefinition, SchemaValidateFunction } from 'ajv'
import type { CheckRun } from './check-run.ts'
import { StandIn } from './stand-ins.ts'

export const FILE_KEYWORD = 'x-millrace-file'

const HOW = 'expected a file: a part of a multipart body, the id of an uploaded file, an https: address or a data: URI'

/** For an input as a client sends it: a text stands for the file, and its place is noted. */
const ofText: SchemaValidateFunction = function (this: CheckRun, accepted: string, data: unknown, _parent, at) {
  const message = typeof data === 'string' ? refuse(this, accepted, data) : HOW
  if (message === undefined && at) {
    this.places.set(at.instancePath, data as string)
    this.accepts.set(at.instancePath, accepted)
  }
  if (message !== undefined) ofText.errors = [{ keyword: 'file', message, params: {} }]
  return message === undefined
}

function refuse(run: CheckRun, accepted: string, text: string): string | undefined {
  const type = run.fileTypeOf(text)
  if (type === undefined) return HOW
  return type === true || acceptsMediaType(accepted, type) ? undefined : `expected ${accepted}, got ${type}`
}

/** For a value with its files beside it; see stand-ins.ts. */
const ofStandIn: SchemaValidateFunction = (accepted: string, data: unknown) => {
  const fits = data instanceof StandIn && fitsLoosely(data.contentType, accepted || '*/*')
  if (!fits) {
    const wanted = accepted === '' ? '' : ` (${accepted})`
    ofStandIn.errors = [{ keyword: 'file', message: `must be a file${wanted}`, params: {} }]
  }
  return fits
}

/** Like the check of an input's file, but parameters of the media type don't count and bytes of unknown type fit anywhere. */
function fitsLoosely(actual: string, wanted: string): boolean {
  const essence = essenceOf(actual)
  return essence === ANY_BYTES || acceptsMediaType(wanted.replaceAll(/;[^,]*/g, ''), essence)
}

export const fileKeyword = (files: 'texts' | 'nulls'): FuncKeywordDefinition => ({
  keyword: FILE_KEYWORD,
  schemaType: 'string',
  validate: files === 'texts' ? ofText : ofStandIn,
  errors: true,
})
