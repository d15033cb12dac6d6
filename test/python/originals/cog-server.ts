/** Cog's own server around a model, and what it answers to an input in the words of the tables. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { decodeDataUri, parseDataUri } from '@millrace/contracts'
import { until } from '../../support/until.ts'
import type { Wanted } from '../cog-cases/cog-case.ts'

export interface CogServer {
  /** Undefined where the server itself breaks down on the input (HTTP 500). */
  ask(input: Record<string, unknown>): Promise<Wanted | undefined>
  stop(): Promise<void>
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

/** `isOld`: up to 0.16. */
export async function startCogServer(python: string, model: string, isOld: boolean): Promise<CogServer> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-original-'))
  writeFileSync(join(folder, 'predict.py'), model)
  const ref = `predict.py:${model.includes('class Predictor') ? 'Predictor' : 'predict'}`
  writeFileSync(join(folder, 'cog.yaml'), `predict: "${ref}"\n`)
  const port = await freePort()
  // From 0.17 on the server reads no cog.yaml, and starts the python of its PATH.
  const path = `${dirname(python)}${delimiter}${process.env.PATH}`
  const env = { PATH: path, PORT: String(port), COG_LOG_LEVEL: 'error', ...(!isOld && { COG_PREDICT_TYPE_STUB: ref }) }
  const args = ['-m', 'cog.server.http', '--threads', '1', '--host', '127.0.0.1']
  const child = spawn(python, args, { cwd: folder, env, stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  const stop = async (): Promise<void> => {
    await ended(child)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await until('the server is ready', () => isReady(url, child), { timeoutMs: 60_000, everyMs: 50 })
  } catch (error) {
    await stop()
    throw error
  }
  return { stop, ask: (input) => ask(url, input) }
}

async function isReady(url: string, child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
  const answer = await fetch(`${url}/health-check`).catch(() => undefined)
  return (await answer?.text())?.includes('READY') ?? false
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

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}
