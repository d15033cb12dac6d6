/**
 * Turns the texts at the places of files into files that the job holds: parts that are stored already, `data:` URIs, ids and
 * own addresses of files that are here, and addresses that the worker will fetch. Called by takeInput.
 */
import { acceptsMediaType, type DataUri, type InputFile, LIMITS } from '@millrace/contracts'
import { type AddressGuard, AddressNotAllowedError } from '@millrace/webhooks'
import { dataUriFault, decodeDataUri, parseDataUri } from '../input/data-uri.ts'
import { faultyFile } from '../input/invalid-input.ts'
import { parseFileReference } from './file-reference.ts'
import type { InputFiles } from './input-files.ts'

export interface FilePlaces {
  /** Text at each place of a file, by JSON pointer. */
  places: ReadonlyMap<string, string>
  /** Media types that each place takes. */
  accepts: ReadonlyMap<string, string>
  /** Files that came as parts, and whether a text stands for one of them. */
  parts: readonly InputFile[]
  isPart: (text: string) => boolean
  files: Omit<InputFiles, 'discard'>
  /** How addresses of this server begin. */
  base: string
  guard: Pick<AddressGuard, 'check'>
}

/** Has the job hold all files of an input. Throws ProblemError; submitJob then lets go of what is held. */
export async function resolveInputFiles(found: FilePlaces): Promise<InputFile[]> {
  const { size: count } = found.places
  if (count > LIMITS.inputFiles) throw faultyFile('', `holds ${count} files, at most ${LIMITS.inputFiles} are taken`)
  const resolved: InputFile[] = [...found.parts]
  // One after the other: none may still be running when a failure lets go of them.
  for (const [pointer, text] of found.places) {
    if (found.isPart(text)) continue
    const file = await resolveFile(found, pointer, text)
    if (file) resolved.push(file)
  }
  return [...resolved, ...(await found.files.seal())]
}

async function resolveFile(found: FilePlaces, pointer: string, text: string): Promise<InputFile | undefined> {
  const { files, accepts, base, guard } = found
  const accept = accepts.get(pointer) ?? ''
  const uri = parseDataUri(text)
  if (uri) return storeDataUri(files, { pointer, text, uri, accept })
  const reference = parseFileReference(text, base)
  if (reference?.kind === 'file') return files.use(pointer, reference.id, accept)
  if (!reference) throw faultyFile(pointer, 'there is no such file')
  checkAddress(guard, pointer, reference.url)
  return files.link(pointer, reference.url, accept)
}

interface GivenUri {
  pointer: string
  text: string
  uri: DataUri
  /** Media types that its place takes. */
  accept: string
}

async function storeDataUri(
  files: Pick<InputFiles, 'store'>,
  { pointer, text, uri, accept }: GivenUri,
): Promise<InputFile> {
  const body = decodeDataUri(text, uri)
  if (!body) {
    const { at, message } = dataUriFault(text, uri)
    throw faultyFile(pointer, `the data: URI is not properly encoded: at character ${at + 1}, ${message}`)
  }
  const stored = await files.store({ pointer, name: uri.name, contentType: uri.contentType, body })
  // A picture has the type that its bytes show, which its place may not take.
  if (acceptsMediaType(accept, stored.content_type)) return stored
  throw faultyFile(pointer, `expected ${accept}, got ${stored.content_type}`)
}

/** Judges the text of the address. What it leads to is judged when the worker connects. */
function checkAddress(guard: Pick<AddressGuard, 'check'>, pointer: string, url: string): void {
  try {
    guard.check(url, 'input')
  } catch (error) {
    if (!(error instanceof AddressNotAllowedError)) throw error
    throw faultyFile(pointer, 'this address is not allowed', 'input_url_forbidden')
  }
}
