/**
 * The parts of a multipart submit. Which version the form is for may be said in its last part, and files are not to wait for
 * that: so each part is taken as the current version would have it, and sorted anew if the form names another. Made by
 * read-submit.ts.
 */
import { JOB_KINDS, LIMITS, type Manifest, mediaTypeOf, pointerTo, type StoredFile } from '@millrace/contracts'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type FieldPart, type FilePart, looksLikeField, type PartHead } from '../../http/body/read-multipart.ts'
import { inputSchemaOf } from '../../input/input-schema.ts'
import { faultyFile } from '../../input/invalid-input.ts'
import { FIELD_NAMES } from './form-fields.ts'
import { type FormEntry, FormPlaces, schemasOf } from './form-input.ts'
import type { InputFiles } from '../input-files.ts'

/** Where the files of a body go, and where one comes back from that is none. */
export type FileIntake = Pick<InputFiles, 'store' | 'load'>

interface TakenFile extends PartHead {
  order: number
  file: StoredFile
}

/** How the parts of a form are told apart. */
export interface FormRules {
  /** Names that mean a field of the request and no key of the input. Default: those of our own requests. */
  fieldNames?: ReadonlySet<string>
  /** Whether a part is passed over, for the input has no such key and the client need not know. Default: none is. */
  isIgnored?: (name: string) => boolean
}

const NONE_IGNORED = () => false

export class FormParts {
  readonly #files: FileIntake
  readonly #fieldNames: ReadonlySet<string>
  readonly #isIgnored: (name: string) => boolean
  readonly #places: FormPlaces
  readonly #taken: TakenFile[] = []
  /** Nobody can guess it, so no text of a client passes for an uploaded part. */
  readonly #nonce = randomBytes(16).toString('hex')

  constructor(
    files: FileIntake,
    current: Manifest,
    { fieldNames = FIELD_NAMES, isIgnored = NONE_IGNORED }: FormRules = {},
  ) {
    this.#files = files
    this.#fieldNames = fieldNames
    this.#isIgnored = isIgnored
    this.#places = placesOf(current)
  }

  readonly isField = (part: PartHead): boolean => this.#isFieldOf(this.#places, part)

  readonly onFile = async (part: FilePart): Promise<void> => {
    if (this.#isIgnored(part.name)) return void part.stream.resume()
    if (await isNoFile(part)) return
    const { name, fileName, contentType, order, stream: body, signal } = part
    // Noted before the first wait, so that parts of one name keep their order.
    const file = {} as StoredFile
    this.#taken.push({ name, fileName, contentType, order, file })
    Object.assign(file, await this.#store(part, body, signal))
  }

  /** All parts in their order, as this version has them. Throws ProblemError. */
  async entries(model: Manifest, fields: readonly FieldPart[]): Promise<FormEntry[]> {
    const places = placesOf(model)
    const entries: (FormEntry & { order: number })[] = []
    for (const part of this.#taken) {
      entries.push(this.#isFieldOf(places, part) ? await this.#unstored(part) : this.#asFile(part))
    }
    for (const part of fields) {
      const { name, order, bytes } = part
      if (this.#isIgnored(name)) continue
      if (this.#isFieldOf(places, part)) entries.push({ name, order, bytes, isJson: isJsonType(part.contentType) })
      else entries.push(this.#asFile({ ...part, file: await this.#store(part, bytes) }))
    }
    entries.sort((a, b) => a.order - b.order)
    refuseFiles(entries, model, places)
    return entries
  }

  #store({ name, fileName, contentType }: PartHead, body: FilePart['stream'] | Buffer, signal?: AbortSignal) {
    const pointer = this.#places.keysOf(name).reduce(pointerTo, '')
    return this.#files.store({ pointer, name: fileName, contentType: mediaTypeOf(contentType, fileName), body, signal })
  }

  /** Fields of the request are fields whatever they look like, except a file for a key of the input that is named `input`. */
  #isFieldOf(places: FormPlaces, part: PartHead): boolean {
    const isOfRequest = this.#fieldNames.has(part.name)
    if (isOfRequest && part.name === 'input') {
      return !part.fileName || isJsonType(part.contentType) || !places.takesFile(['input'])
    }
    if (isOfRequest || looksLikeField(part)) return true
    return (
      !part.fileName && isJsonType(part.contentType) && part.name !== '' && !places.takesFile(places.keysOf(part.name))
    )
  }

  #asFile = ({ name, order, file }: TakenFile) => ({ name, order, file, text: `${this.#nonce}:${order}` })

  async #unstored({ name, order, contentType, file }: TakenFile) {
    return { name, order, bytes: await this.#files.load(file, LIMITS.bodyBytes), isJson: isJsonType(contentType) }
  }
}

/** A form need not say first of which kind the job is. What does not fit is refused afterwards. */
const placesOf = (model: Manifest): FormPlaces => new FormPlaces(Object.values(schemasOf(model)))

/** Throws ProblemError for the first file that has no place. */
function refuseFiles(entries: readonly FormEntry[], model: Manifest, places: FormPlaces): void {
  const takesFiles = JOB_KINDS.some((kind) => inputSchemaOf(model, kind)?.checker.takesFiles)
  const seen = new Set<string>()
  for (const entry of entries) {
    if (!('file' in entry)) continue
    const keys = places.keysOf(entry.name)
    const pointer = keys.reduce(pointerTo, '')
    if (!takesFiles) throw faultyFile(pointer, 'takes no file')
    if (seen.has(pointer) && !places.takesSeveral(keys)) {
      throw faultyFile(pointer, 'takes one file, and is given several')
    }
    seen.add(pointer)
  }
}

/** Browsers send this for a file field in which no file was chosen: no name, no type, no bytes. */
async function isNoFile({ fileName, contentType, stream }: FilePart): Promise<boolean> {
  if (fileName || contentType !== 'application/octet-stream') return false
  await once(stream, 'readable')
  const chunk = stream.read() as Buffer | null
  if (chunk === null) {
    stream.resume()
    return true
  }
  stream.unshift(chunk)
  return false
}

const isJsonType = (type: string): boolean => type === 'application/json'
