/** POST of the route that a service has at its host: one call, answered when the wrapper has. Sessions over WebSocket are not spoken. */
import { isTerminal, type JobRecord, type Manifest, type StoredFile } from '@millrace/contracts'
import {
  AIGES,
  aigesAnswer,
  aigesError,
  aigesFailure,
  AigesFile,
  aigesInput,
  AigesRefusal,
  type Expected,
} from '@millrace/dialects'
import type { ApiContext } from '../../http/api-deps.ts'
import { readBody } from '../../http/body/read-body.ts'
import { readJson } from '../../http/body/read-json.ts'
import { linkBase } from '../../http/links.ts'
import { withinLimit } from '../../http/limits/within-limit.ts'
import { tenantOf } from '../../http/router.ts'
import { findModel } from '../../models/find-model.ts'
import { jsonBody } from '../../submit/submit-body.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'
import { FileBytes } from '../file-bytes.ts'
import { MOST_WAIT } from '../intake.ts'

const route = { method: 'post', audit: 'none', scope: 'jobs:write' } as const

/** The route of a service is this, unless its schema names another one. */
const PATHS = {
  aigesCall: '/aiges/{model}',
  aigesCallService: '/aiges/{model}/v1/private/{service}',
}

export function callRoutes(router: DialectRouter, deps: DialectDeps): void {
  for (const [operation, path] of Object.entries(PATHS))
    router.addUnlisted({ ...route, path, operation }, (c) => call(c, deps))
}

async function call(c: ApiContext, deps: DialectDeps): Promise<Response> {
  const { manifest } = await findModel(deps.cache, c)
  let expected: Expected = new Map()
  const read = async () => {
    // That protocol does not ask for a content type.
    const bytes = await withinLimit(deps, tenantOf(c), ({ config }) => readBody(c.req.raw, config.maxBodyBytes))
    const { value, nodes } = readJson(bytes)
    const taken = aigesInput(value, manifest)
    expected = taken.expected
    return jsonBody({ input: taken.input }, nodes)
  }
  try {
    const record = await deps.doorway.submit(c, () => ({ model: manifest.name, read }), { seconds: MOST_WAIT })
    return await answer(c, deps, { record, manifest, expected })
  } catch (error) {
    if (!(error instanceof AigesRefusal)) throw error
    return c.json(aigesError(error.code, error.message), 500, FINAL)
  }
}

const FINAL = { 'x-should-retry': 'false' }

async function answer(
  c: ApiContext,
  deps: DialectDeps,
  { record, expected }: { record: JobRecord; manifest: Manifest; expected: Expected },
): Promise<Response> {
  const base = linkBase(c, deps.config.publicUrl)
  if (!isTerminal(record.status)) {
    const location = `${base}/v1/jobs/${record.id}`
    return c.json(aigesError(AIGES.late, `it goes on: ask ${location}`, record.id), 500, { location, ...FINAL })
  }
  if (record.status !== 'succeeded') return c.json(aigesFailure(record), 500, FINAL)
  const bytes = new FileBytes(deps.objects)
  const files = new Map<StoredFile, AigesFile>()
  for (const file of record.output_files) {
    const base64 = await bytes.base64(file)
    if (base64 === undefined) {
      return c.json(
        aigesError(AIGES.output, `a result is too large: ask ${base}/v1/jobs/${record.id}`, record.id),
        500,
        FINAL,
      )
    }
    files.set(file, new AigesFile(file.content_type, base64))
  }
  const output = await deps.values.output(record, base, (_, file) => files.get(file) ?? null)
  return c.json(aigesAnswer(record, output, expected))
}
