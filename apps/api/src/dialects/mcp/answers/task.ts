/**
 * A job as a task of the extension io.modelcontextprotocol/tasks: its id is that of the job, and there is no other state. Called by
 * serve-mcp.ts for clients that declare the extension.
 */
import { isTerminal, type JobRecord } from '@millrace/contracts'
import { type AnswerDeps, answerOf, stateText } from './job-answer.ts'

export const TASKS = 'io.modelcontextprotocol/tasks'

/** How often a client should ask. Milliseconds. */
const POLL_MS = 1000

interface TaskHead {
  taskId: string
  status: 'working' | 'completed' | 'cancelled'
  statusMessage: string
  createdAt: string
  lastUpdatedAt: string
  /** From its creation until it may be gone; null while that is not known. */
  ttlMs: number | null
  pollIntervalMs: number
}

/** In the place of the answer of a tool. Call it when the job is kept. */
export const createdTask = (record: JobRecord) => ({ resultType: 'task' as const, ...headOf(record) })

/** What tasks/get answers with. A failure of the model is a result too: `failed` is for faults of the protocol alone. */
export async function taskOf(record: JobRecord, deps: AnswerDeps, base: string) {
  const head = { resultType: 'complete' as const, ...headOf(record) }
  if (head.status !== 'completed') return head
  return { ...head, result: { resultType: 'complete' as const, ...(await answerOf(record, deps, base)) } }
}

function headOf(record: JobRecord): TaskHead {
  const { id, status, created_at, started_at, finished_at, purge_at } = record
  return {
    taskId: id,
    status: !isTerminal(status) ? 'working' : status === 'canceled' ? 'cancelled' : 'completed',
    statusMessage: isTerminal(status) ? `The job ${id} is ${status}.` : stateText(record),
    createdAt: created_at,
    lastUpdatedAt: finished_at ?? started_at ?? created_at,
    ttlMs: purge_at === null ? null : Math.max(0, Date.parse(purge_at) - Date.parse(created_at)),
    pollIntervalMs: POLL_MS,
  }
}
