/** POST /inference/{model}/infer answers `{"prediction": …}`, and /predict the bare result. */
import { essenceOf, isTerminal, type JobRecord, ProblemError } from '@millrace/contracts'
import { inferenceInput, INVALID_FORMAT, resultOf } from '@millrace/dialects'
import type { ApiContext } from '../../http/api-deps.ts'
import { readBody } from '../../http/body/read-body.ts'
import { readJson } from '../../http/body/read-json.ts'
import { linkBase } from '../../http/links.ts'
import { withinLimit } from '../../http/limits/within-limit.ts'
import { tenantOf } from '../../http/router.ts'
import { findModel } from '../../models/find-model.ts'
import { jsonBody } from '../../submit/submit-body.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'
import { MOST_WAIT } from '../intake.ts'

const route = { method: 'post', audit: 'none', scope: 'jobs:write' } as const

export function inferRoutes(router: DialectRouter, deps: DialectDeps): void {
  const add = (word: string, operation: string, toBody: (output: unknown) => unknown) =>
    router.addUnlisted({ ...route, path: `/inference/{model}/${word}`, operation }, (c) => run(c, deps, toBody))
  add('infer', 'inferenceInfer', (output) => ({ prediction: resultOf(output) }))
  add('predict', 'inferencePredict', resultOf)
}

class InvalidFormat extends Error {}

async function run(c: ApiContext, deps: DialectDeps, toBody: (output: unknown) => unknown): Promise<Response> {
  const { manifest } = await findModel(deps.cache, c)
  if (essenceOf(c.req.header('content-type')) !== 'application/json') throw new ProblemError('unsupported_media_type')
  const read = async () => {
    const bytes = await withinLimit(deps, tenantOf(c), ({ config }) => readBody(c.req.raw, config.maxBodyBytes))
    const { value, nodes } = readJson(bytes)
    const input = inferenceInput(value, manifest)
    if (input === undefined) throw new InvalidFormat()
    return jsonBody({ input }, nodes)
  }
  try {
    const record = await deps.doorway.submit(c, () => ({ model: manifest.name, read }), { seconds: MOST_WAIT })
    return await answer(c, deps, record, toBody)
  } catch (error) {
    if (!(error instanceof InvalidFormat)) throw error
    return c.json(INVALID_FORMAT, 400, { 'x-should-retry': 'false' })
  }
}

async function answer(
  c: ApiContext,
  deps: DialectDeps,
  record: JobRecord,
  toBody: (output: unknown) => unknown,
): Promise<Response> {
  const base = linkBase(c, deps.config.publicUrl)
  if (!isTerminal(record.status)) {
    const location = `${base}/v1/jobs/${record.id}`
    return c.json({ status: record.status, id: record.id, url: location }, 202, { location })
  }
  if (record.status === 'succeeded') return c.json(toBody(await deps.values.output(record, base)))
  const { code = 'canceled', message = 'The job was canceled.' } = record.error ?? {}
  // What preprocess refuses is the fault of the client.
  const status = code === 'invalid_input' ? 400 : code === 'timeout' || code === 'expired' ? 504 : 500
  return c.json({ error: message, code, job_id: record.id }, status, { 'x-should-retry': 'false' })
}
