/**
 * Checks the input of a job that was accepted by one version by the schema of another one, as a submit to that one would. Called by
 * the worker before it moves the job.
 */
import { type InputFile, isStored, type JobKind, type Manifest, pointerTo, replaceAt } from '@millrace/contracts'
import { type Checker, CheckTooCostlyError, createChecker, findSecrets, UnusableSchemaError } from '@millrace/schema'
import { randomUUID } from 'node:crypto'

export interface StoredInput {
  kind: JobKind
  tenant: string
  /** With null in the places of its files. It may be changed. */
  input: unknown
  files: readonly InputFile[]
}

export type CheckedStoredInput =
  | { fits: false; path: string; message: string }
  | {
      fits: true
      /** With the defaults of that version. */
      input: unknown
      /** Those to be fetched have the media types that this version takes. */
      files: InputFile[]
      /** JSON pointers to its secrets. */
      secrets: string[]
    }

const MAX_TEXT = 200
const RULES = { files: 'texts', defaults: true, closed: true } as const

/** One for each relocation: it keeps the checkers. */
export function storedInputCheck(manifest: Manifest): (job: StoredInput) => Promise<CheckedStoredInput> {
  const checkers = new Map<JobKind, Checker>()
  return async (job) => {
    const schema = job.kind === 'training' ? manifest.training?.input_schema : manifest.input_schema
    if (!schema) return misfit('', 'that version has no jobs of this kind')
    try {
      const checker = checkers.get(job.kind) ?? createChecker(schema, RULES)
      checkers.set(job.kind, checker)
      const checked = await check(checker, job)
      if (!checked.fits) return checked
      return { ...checked, secrets: [...(findSecrets(schema)?.(checked.input) ?? [])] }
    } catch (error) {
      if (error instanceof CheckTooCostlyError || error instanceof UnusableSchemaError) return misfit('', error.message)
      throw error
    }
  }
}

/** A text stands for each file, as it did when the job was submitted: so the schema says where it takes files, and which. */
async function check(checker: Checker, { tenant, input, files }: StoredInput) {
  const stand = randomUUID()
  const fileOf = new Map(files.map((file, n) => [`${stand} ${n}`, file]))
  for (const [text, { pointer }] of fileOf) {
    if (!replaceAt(input, pointer, text)) return misfit(pointer, 'is no place for a file')
  }
  const fileTypeOf = (text: string): string | true | undefined => {
    const file = fileOf.get(text)
    return file && (isStored(file) ? file.content_type : true)
  }
  const { value, faults, places, accepts } = await checker.check({ value: input, tenant, fileTypeOf })
  const [fault] = faults
  // The message of the validator names no value of the input.
  if (fault) return misfit(fault.key === undefined ? fault.pointer : pointerTo(fault.pointer, fault.key), fault.message)
  const stray = files.find(({ pointer }) => !places.has(pointer))
  if (stray) return misfit(stray.pointer, 'takes no file')
  const added = [...places.keys()].find((pointer) => !files.some((file) => file.pointer === pointer))
  if (added !== undefined) return misfit(added, 'must be a file')
  for (const pointer of places.keys()) replaceAt(value, pointer, null)
  const accepted = files.map((file) =>
    isStored(file) ? file : { ...file, accept: accepts.get(file.pointer) ?? file.accept },
  )
  return { fits: true, input: value, files: accepted } as const
}

const misfit = (path: string, message: string) =>
  ({ fits: false, path: cut(`/input${path}`), message: cut(message) }) as const

const cut = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text)
