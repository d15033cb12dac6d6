/** What the rows need of a stack under measure, Millrace or a bare one. */
import type { Redis } from 'ioredis'
import type { Request } from '../load/load-plan.ts'

export interface BenchStack {
  readonly url: string
  readonly redis: Redis
  /** Processes by the name under which their CPU is shown. */
  readonly pids: Record<string, number[]>
  /** A submit that answers as soon as the job is kept. */
  readonly submit: Request
  readonly submitStatus: number
  /** A submit that answers with the result. */
  readonly submitAndWait: Request
  /** A read of a job. */
  read(id: string): Request
  /** Jobs that have ended well so far. */
  finished(): Promise<number>
  /** Forgets all jobs, so that every round meets the same depth. */
  clear(): Promise<void>
  stop(): Promise<void>
}

/** Redis' memory of jobs is kept as the product asks for it: append-only, synced once a second; no rewrites in between. */
export const REDIS_ARGS = ['--appendfsync', 'everysec', '--auto-aof-rewrite-percentage', '0']

/** A JSON document of so many bytes with one text in it; the no-op model gives it back. */
export const inputOf = (bytes: number): { text: string } => ({ text: 'a'.repeat(bytes - '{"text":""}'.length) })

export const post = (path: string, body: unknown, headers: Record<string, string> = {}): Request => ({
  method: 'POST',
  path,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
})

export const get = (path: string): Request => ({ method: 'GET', path, headers: {}, body: '' })
