/** The resources of MCP: models, jobs with their outputs, and files. A key reads what it may read elsewhere. Called by serve-mcp.ts. */
import { buffer } from 'node:stream/consumers'
import {
  fileIdSchema,
  isStored,
  jobIdSchema,
  type JobRecord,
  jobOfFileId,
  ProblemError,
  type Scope,
  type StoredFile,
} from '@millrace/contracts'
import { mayDo, mayUseJob, mayUseModel } from '../../http/access/principal.ts'
import { found } from '../../jobs/job-context.ts'
import { readModel } from '../../models/model-routes.ts'
import { fileView, jobText } from '../../views/job-view.ts'
import { keptFileView } from '../../views/kept-file-view.ts'
import { afterCursor, cursorAt } from './cursor.ts'
import type { Exchange } from './exchange.ts'

/** A larger file, or output, is shown by its address. Bytes. */
const MOST_BYTES = 1024 * 1024
/** Models in one page. */
const PAGE = 200
const FRESH_MS = 30_000
const JSON_TYPE = 'application/json'

const FRESH = { ttlMs: FRESH_MS, cacheScope: 'private' } as const
/** It changes as the job does. */
const NEVER_FRESH = { ttlMs: 0, cacheScope: 'private' } as const

const TEMPLATES = [
  ['model', 'models/{model}', 'A model: its schemas, examples, limits and state.'],
  ['job', 'jobs/{job_id}', 'A job: its status, input, output and attempts.'],
  ['output', 'jobs/{job_id}/output', 'The output of a job that has ended.'],
  ['file', 'files/{file_id}', 'A file of a job, or one that was uploaded.'],
] as const

export function listTemplates() {
  const resourceTemplates = TEMPLATES.map(([name, path, description]) => ({
    ...{ name, uriTemplate: `millrace://${path}`, description },
    ...(name !== 'file' && { mimeType: JSON_TYPE }),
  }))
  return { resourceTemplates, ...FRESH }
}

/** The models, by name. Throws ProblemError for a cursor that is none. */
export async function listResources({ deps, principal }: Exchange, cursor?: string) {
  const after = afterCursor(cursor)
  if (!mayDo(principal, 'models:read')) return { resources: [], ...FRESH }
  const names = (await deps.models.list())
    .filter(({ manifest }) => mayUseModel(principal, manifest.name) && (after === undefined || manifest.name > after))
    .map(({ manifest: { name, description } }) => ({ name, description }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const page = names.slice(0, PAGE)
  const last = names.length > PAGE ? page.at(-1) : undefined
  return {
    resources: page.map((model) => ({ ...model, uri: `millrace://models/${model.name}`, mimeType: JSON_TYPE })),
    ...(last && { nextCursor: cursorAt(last.name) }),
    ...FRESH,
  }
}

type Contents = { uri: string; mimeType: string } & ({ text: string } | { blob: string })

/** Throws ProblemError, `not_found` for an address that is none of these. */
export async function readResource(exchange: Exchange, uri: string) {
  const [, kind, id = '', part] = /^millrace:\/\/(models|jobs|files)\/([\w-]{1,100})(?:\/(output))?$/.exec(uri) ?? []
  if (kind === 'models' && !part) return { contents: [await readModelText(exchange, uri, id)], ...FRESH }
  if (kind === 'jobs') return { contents: [await readJob(exchange, uri, id, part === 'output')], ...NEVER_FRESH }
  if (kind === 'files' && !part) return { contents: [await readFile(exchange, uri, id)], ...NEVER_FRESH }
  throw new ProblemError('not_found')
}

function need({ principal }: Exchange, scope: Scope): void {
  if (!mayDo(principal, scope)) throw new ProblemError('scope_missing', { detail: `This needs the scope ${scope}.` })
}

async function readModelText(exchange: Exchange, uri: string, name: string): Promise<Contents> {
  need(exchange, 'models:read')
  const { deps, principal, base } = exchange
  return { uri, mimeType: JSON_TYPE, text: JSON.stringify(await readModel(deps.models, principal, { name, base })) }
}

async function readJob(exchange: Exchange, uri: string, id: string, isOutput: boolean): Promise<Contents> {
  need(exchange, 'jobs:read')
  const { deps, base } = exchange
  const record = await jobOf(exchange, id)
  if (!isOutput) return { uri, mimeType: JSON_TYPE, text: await jobText(record, { ...deps, base }) }
  const { output } = record
  if (output === null) throw new ProblemError('job_has_no_output')
  if ('stored' in output && output.stored.size > MOST_BYTES) {
    const detail = `It is above ${MOST_BYTES / 1024} KB: GET ${base}/v1/jobs/${id}/output.`
    throw new ProblemError('job_has_no_output', { detail })
  }
  return { uri, mimeType: JSON_TYPE, text: JSON.stringify(await deps.values.output(record, base, (file) => file)) }
}

/** Throws ProblemError `job_not_found` or `job_purged`. */
async function jobOf({ deps, principal }: Exchange, text: string): Promise<JobRecord> {
  const id = jobIdSchema.safeParse(text)
  if (!id.success || !mayUseJob(principal, id.data)) throw new ProblemError('job_not_found')
  return found(await deps.jobs.get(id.data, { tenant: principal.tenant })).record
}

/** The bytes of a file that is not large; else where they are. */
async function readFile(exchange: Exchange, uri: string, text: string): Promise<Contents> {
  const id = fileIdSchema.safeParse(text)
  if (!id.success) throw new ProblemError('file_not_found')
  const { file, view } = await findFile(exchange, id.data)
  if (file.size > MOST_BYTES) return { uri, mimeType: JSON_TYPE, text: JSON.stringify(view) }
  const bytes = await buffer(await exchange.deps.objects.get(file.key))
  const mimeType = file.content_type
  if (/^text\/|^application\/json$/.test(mimeType)) return { uri, mimeType, text: bytes.toString() }
  return { uri, mimeType, blob: bytes.toString('base64') }
}

interface FoundFile {
  file: Pick<StoredFile, 'key' | 'size' | 'content_type'>
  view: unknown
}

async function findFile(exchange: Exchange, id: string): Promise<FoundFile> {
  need(exchange, 'jobs:read')
  const { deps, principal, base } = exchange
  const jobId = jobOfFileId(id)
  if (jobId === undefined) {
    const kept = await deps.files.get(id, { tenant: principal.tenant })
    if (kept?.status !== 'ready') throw new ProblemError('file_not_found')
    return { file: { ...kept, content_type: kept.contentType }, view: await keptFileView(kept, deps.signer, base) }
  }
  if (!mayUseJob(principal, jobId)) throw new ProblemError('file_not_found')
  const { input_files, output_files } = await jobOf(exchange, jobId)
  const file = [...input_files.filter(isStored), ...output_files].find((one) => one.id === id)
  if (!file) throw new ProblemError('file_not_found')
  return { file, view: await fileView(file, { signer: deps.signer, base }) }
}
