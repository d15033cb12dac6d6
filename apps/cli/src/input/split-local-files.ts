/** Takes the files out of an input, as a server would do. Called for a model that runs without a server. */
import { Upload } from '@millrace/client'
import { dataUriFault, decodeDataUri, mediaTypeOf, parseDataUri } from '@millrace/contracts'
import type { LocalFile } from '@millrace/host'
import { choicesOf, fieldsOf, isObject, type Schema } from '../schema/schema-types.ts'
import { isPickle, pickleRefused } from './refuse-pickle.ts'
import { UsageError } from '../command/command-error.ts'

/**
 * Returns the input with null in place of each file: each `@path`, and each `data:` URI where the schema has a file. Throws
 * UsageError for a URI that can't be read and for a pickle.
 */
export function splitLocalFiles(input: unknown, root: Schema): { input: unknown; files: LocalFile[] } {
  const files: LocalFile[] = []
  const take = (pointer: string, file: Omit<LocalFile, 'pointer'>): null => {
    files.push({ pointer, ...file })
    return null
  }
  const walk = (value: unknown, schema: Schema, pointer: string): unknown => {
    if (value instanceof Upload) return take(pointer, ofUpload(value))
    const choices = choicesOf(schema, root)
    if (typeof value === 'string' && /^\s*data:/i.test(value) && choices.some(({ format }) => format === 'file')) {
      return take(pointer, ofDataUri(value, pointer))
    }
    if (Array.isArray(value)) {
      const items = choices.find((choice) => isObject(choice.items))?.items
      return value.map((item, index) => walk(item, isObject(items) ? items : {}, `${pointer}/${index}`))
    }
    if (!isObject(value)) return value
    const fields = choices.flatMap((choice) => fieldsOf(choice, root))
    const entries = Object.entries(value).map(([key, item]) => {
      const field = fields.find(({ name }) => name === key)
      return [key, walk(item, field?.schema ?? {}, `${pointer}/${escaped(key)}`)]
    })
    return Object.fromEntries(entries)
  }
  return { input: walk(input, root, ''), files }
}

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')

function ofUpload({ source, name, contentType }: Upload): Omit<LocalFile, 'pointer'> {
  const known = mediaTypeOf(contentType, name)
  if (source instanceof Uint8Array) return { source, name, contentType: known }
  if ('path' in source) return { source: { path: source.path }, name, contentType: known }
  throw new UsageError(`${name} is a stream, which only a server takes`)
}

function ofDataUri(text: string, pointer: string): Omit<LocalFile, 'pointer'> {
  const uri = parseDataUri(text)
  if (!uri) throw new UsageError(`${pointer}: a data: URI has a comma before its data`)
  const source = decodeDataUri(text, uri)
  if (!source) {
    const { at, message } = dataUriFault(text, uri)
    throw new UsageError(`${pointer}: a data: URI that cannot be decoded: at character ${at + 1}, ${message}`)
  }
  if (isPickle(source)) throw pickleRefused(pointer)
  const { contentType } = uri
  const name = uri.name ?? `input.${/^\w+\/(\w{1,8})/.exec(contentType)?.[1] ?? 'bin'}`
  return { source: Buffer.from(source.buffer), name, contentType }
}
