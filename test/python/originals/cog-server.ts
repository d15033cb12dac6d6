/** Cog's own server around a model, and what it answers to an input in the words of the tables. */
import { decodeDataUri, parseDataUri } from '@millrace/contracts'
import type { Wanted } from '../cog/cases/cog-model.ts'
import { startOriginal } from './original-server.ts'

export interface CogServer {
  /** Undefined where the server itself breaks down on the input (HTTP 500). */
  ask(input: Record<string, unknown>): Promise<Wanted | undefined>
  stop(): Promise<void>
}

/** `isOld`: up to 0.16; from 0.17 on the server reads no cog.yaml. */
export async function startCogServer(python: string, model: string, isOld: boolean): Promise<CogServer> {
  const ref = `predict.py:${model.includes('class Predictor') ? 'Predictor' : 'predict'}`
  const { url, stop } = await startOriginal({
    python,
    files: { 'predict.py': model, 'cog.yaml': `predict: "${ref}"\n` },
    args: () => ['-m', 'cog.server.http', '--threads', '1', '--host', '127.0.0.1'],
    env: (port) => ({ PORT: String(port), COG_LOG_LEVEL: 'error', ...(!isOld && { COG_PREDICT_TYPE_STUB: ref }) }),
    ready: ['/health-check', 'READY'],
  })
  return { stop, ask: (input) => ask(url, input) }
}

async function ask(url: string, input: Record<string, unknown>): Promise<Wanted | undefined> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${url}/predictions`, { method: 'POST', headers, body: JSON.stringify({ input }) })
  if (answer.status === 422) return { refused: true }
  if (answer.status !== 200) return undefined
  const told = (await answer.json()) as { status: string; output?: unknown }
  return told.status === 'succeeded' ? { gives: withFiles(told.output ?? null) } : { fails: /./ }
}

/** `data:` addresses as the files that they are. */
function withFiles(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withFiles)
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withFiles(item)]))
  }
  const uri = typeof value === 'string' ? parseDataUri(value) : undefined
  const bytes = uri && decodeDataUri(String(value), uri)
  return bytes ? { file: Buffer.from(bytes).toString() } : value
}
