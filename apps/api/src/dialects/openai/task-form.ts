/**
 * A form of OpenAI's clients. Which model it is for may be said behind its files, and files are not to wait for that: so each becomes an
 * upload of the tenant, which the job then takes over. Made by the routes of tasks.
 */
import { type Manifest, ProblemError, type UploadId } from '@millrace/contracts'
import { newUploadId } from '@millrace/queue'
import { admitUpload } from '../../files/admit-upload.ts'
import { eraseFile, receivePart } from '../../files/receive-upload.ts'
import type { ApiContext } from '../../http/api-deps.ts'
import { decodeUtf8 } from '../../http/body/read-json.ts'
import { refuseReservedSteps } from '../../http/body/refuse-reserved-keys.ts'
import { readMultipart } from '../../http/body/read-multipart.ts'
import { withinLimit } from '../../http/limits/within-limit.ts'
import { tenantOf } from '../../http/router.ts'
import { fillForm, type FormEntry } from '../../submit/forms/form-input.ts'
import type { DialectDeps } from '../dialect.ts'
import type { TaskBody } from './tasks/openai-task.ts'

/** Nobody sends more pictures to be edited at once. */
const MOST_FILES = 16

export class TaskForm {
  readonly #deps: DialectDeps
  readonly #uploads: { tenant: string; id: UploadId }[] = []

  constructor(deps: DialectDeps) {
    this.#deps = deps
  }

  /** The fields as texts, and the id of an upload for each file; a list where a name comes twice or ends with `[]`. */
  async read(c: ApiContext): Promise<TaskBody> {
    const tenant = tenantOf(c)
    await admitUpload(this.#deps, c.req.raw, tenant)
    const parts: { name: string; text: string; order: number }[] = []
    const fields = await withinLimit(this.#deps, tenant, (own) =>
      readMultipart(c.req.raw, {
        maxBytes: own.config.maxUploadBytes,
        takesFields: true,
        onFile: async (part) => {
          if (this.#uploads.length >= MOST_FILES) throw tooMany()
          const file = { tenant, id: newUploadId(tenant) }
          this.#uploads.push(file)
          parts.push({ name: part.name, text: file.id, order: part.order })
          await receivePart(own, file, part)
        },
      }),
    )
    for (const { name, bytes, order } of fields) parts.push({ name, text: decodeUtf8(bytes), order })
    parts.sort((a, b) => a.order - b.order)
    await this.#note(c, parts)
    return bodyOf(parts)
  }

  /** Call it when the job is kept, or refused: it holds what it needs by itself. Never rejects. */
  async letGo(): Promise<void> {
    for (const file of this.#uploads) {
      await eraseFile(this.#deps, file).catch((cause: unknown) => {
        if (cause instanceof ProblemError) return
        this.#deps.logger.warn({ err: cause }, 'a file was left over')
      })
    }
  }

  /** The ids of uploads are new each time, and their bytes are not. */
  async #note(c: ApiContext, parts: readonly { name: string; text: string }[]): Promise<void> {
    const hashes = new Map<string, string>()
    for (const { id, tenant } of this.#uploads) {
      const file = await this.#deps.files.get(id, { tenant })
      if (file) hashes.set(id, file.sha256)
    }
    const told = parts.map(({ name, text }) => [name, hashes.get(text) ?? text])
    this.#deps.doorway.note(c, Buffer.from(JSON.stringify(told)))
  }
}

/** What texts mean by the schema of the model: `0.2` is a number where it takes one. Throws ProblemError. */
export function inputOfTexts(input: Readonly<Record<string, unknown>>, { input_schema }: Manifest) {
  const entries = Object.entries(input).flatMap(([name, value]): FormEntry[] =>
    [value].flat().map((text) => ({ name, bytes: Buffer.from(String(text)) })),
  )
  const filled: Record<string, unknown> = {}
  fillForm(filled, entries, input_schema)
  return filled
}

function bodyOf(parts: readonly { name: string; text: string }[]): TaskBody {
  const body: Record<string, string | string[]> = {}
  refuseReservedSteps(parts.map(({ name }) => name.replace(/\[\]$/, '')))
  for (const { name, text } of parts) {
    const key = name.replace(/\[\]$/, '')
    const before = Object.hasOwn(body, key) ? body[key] : undefined
    if (before !== undefined) body[key] = [before, text].flat()
    else body[key] = key === name ? text : [text]
  }
  return body
}

const tooMany = (): ProblemError =>
  new ProblemError('malformed_multipart', { detail: `At most ${MOST_FILES} files are taken.` })
