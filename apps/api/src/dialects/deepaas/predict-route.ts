/** POST /deepaas/v2/models/{model}/predict/: a job is submitted, and its end is the answer. */
import { isTerminal, type JobRecord, type Manifest } from '@millrace/contracts'
import { failedAnswer, isDeepaas } from '@millrace/dialects'
import type { ApiContext } from '../../http/api-deps.ts'
import { linkBase } from '../../http/links.ts'
import type { UnlistedRoute } from '../../http/router.ts'
import { bodyOf, openObject } from '../../http/send-object.ts'
import { findModel } from '../../models/find-model.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'
import { MOST_WAIT } from '../intake.ts'
import { sendJson } from './send-json.ts'
import { addSlashed, BASE } from './add-slashed.ts'
import { submitArguments } from './submit-arguments.ts'

const route: UnlistedRoute = {
  method: 'post',
  path: `${BASE}/v2/models/{model}/predict/`,
  operation: 'deepaasPredict',
  audit: 'none',
  scope: 'jobs:write',
}

export function predictRoute(router: DialectRouter, deps: DialectDeps): void {
  addSlashed(router, route, async (c) => {
    const { manifest } = await findModel(deps.cache, c)
    const told = await submitArguments(c, deps, { manifest, kind: 'prediction', seconds: MOST_WAIT })
    return told instanceof Response ? told : answer(c, deps, told, manifest)
  })
}

async function answer(c: ApiContext, deps: DialectDeps, record: JobRecord, manifest: Manifest): Promise<Response> {
  const base = linkBase(c, deps.config.publicUrl)
  const self = `${base}/v1/jobs/${record.id}`
  if (!isTerminal(record.status)) {
    // The original would hold the connection for as long as it takes, and what is between the two would not.
    return sendJson(c, { status: record.status, uuid: record.id, links: [{ rel: 'self', href: self }] }, 202, {
      location: self,
    })
  }
  if (record.status === 'canceled') return text('503: The job was canceled', 503)
  if (record.status === 'failed' && record.error) {
    const { status, body } = failedAnswer(record.error)
    const headers = { 'content-type': 'application/json', 'x-should-retry': 'false' }
    return typeof body === 'string' ? text(body, status) : new Response(JSON.stringify(body), { status, headers })
  }
  const file = record.output_files.find(({ pointer }) => pointer === '')
  if (file) {
    const source = await openObject(deps.objects, { key: file.key, size: file.size, gone: 'job_purged' })
    const body = await bodyOf(c, source, deps.logger)
    return c.body(body, 200, { 'content-type': file.content_type, 'content-length': String(file.size) })
  }
  const output = await deps.values.output(record, base)
  return sendJson(c, isDeepaas(manifest) ? output : { status: 'OK', predictions: output })
}

const text = (words: string, status: number): Response =>
  new Response(words, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } })
