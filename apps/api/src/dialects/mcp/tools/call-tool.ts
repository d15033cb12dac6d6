/**
 * tools/call: a model as a job that is waited for, and the tools for jobs. Whatever the client does, it has its answer before any client
 * gives up; what takes longer is answered with the id of the job. Called by serve-mcp.ts.
 */
import { isTerminal, jobIdSchema, type JobRecord, ProblemError } from '@millrace/contracts'
import { z } from 'zod'
import { mayDo, mayUseJob } from '../../../http/access/principal.ts'
import { parseRequest } from '../../../http/request-faults.ts'
import { found } from '../../../jobs/job-context.ts'
import { answerOf, canceledAnswerOf, statusAnswerOf, type ToolAnswer } from '../answers/job-answer.ts'
import { createdTask } from '../answers/task.ts'
import type { Exchange } from '../exchange.ts'
import { followJob } from '../progress/follow-job.ts'
import { type ProgressNote, ProgressNotes } from '../progress/progress-notes.ts'
import { type JobToolName, jobToolOf } from './job-tools.ts'
import { wishOf } from './model-tools.ts'

export interface Call {
  name: string
  input: Record<string, unknown>
  /** It wants notifications. */
  notify: ((note: ProgressNote) => void) | undefined
  /** Its client takes a task for an answer. */
  takesTask: boolean
  /** When its client goes away, the job is canceled. Clients of before 2026-07-28 only stop listening. */
  endsWithClient: boolean
}

/** Throws ProblemError. */
export async function callTool(exchange: Exchange, call: Call) {
  const ofJobs = jobToolOf(call.name)
  if (!ofJobs) return callModel(exchange, call)
  need(exchange, ofJobs.scope)
  return callJobTool(exchange, ofJobs.name, call)
}

const need = ({ principal }: Exchange, scope: Parameters<typeof mayDo>[1]): void => {
  if (!mayDo(principal, scope)) throw new ProblemError('scope_missing', { detail: `This needs the scope ${scope}.` })
}

async function callModel(exchange: Exchange, call: Call) {
  need(exchange, 'jobs:write')
  const { c, deps, base, gone } = exchange
  const { model, kind } = wishOf(call.name)
  const kept = await deps.doorway.submit(c, () => ({ model, input: call.input, fields: { kind } }))
  if (call.endsWithClient && gone.aborted) return cancel(exchange, kept)
  if (call.takesTask) return createdTask(kept)
  const record = await waitFor(exchange, kept, call)
  if (call.endsWithClient && gone.aborted && !isTerminal(record.status)) return cancel(exchange, record)
  return answerOf(record, deps, base)
}

/** Nobody hears the answer. */
async function cancel({ deps }: Exchange, { id, tenant }: JobRecord): Promise<ToolAnswer> {
  return canceledAnswerOf(found(await deps.jobs.cancel(id, tenant)).record)
}

async function waitFor(
  exchange: Exchange,
  record: JobRecord,
  { notify }: Call,
  most = Number.POSITIVE_INFINITY,
): Promise<JobRecord> {
  const { c, deps, startedAt } = exchange
  const left = deps.config.toolSeconds - (performance.now() - startedAt) / 1000
  const stop = notify && (await followJob(record, new ProgressNotes(notify), deps))
  let last: JobRecord | undefined
  try {
    last = await deps.doorway.ended(c, record, Math.min(most, left))
    return last
  } finally {
    stop?.(last)
  }
}

const jobInput = z.strictObject({ job_id: z.string() })
const waitInput = jobInput.extend({ seconds: z.number().min(0).optional() })

async function callJobTool(exchange: Exchange, name: JobToolName, call: Call): Promise<ToolAnswer> {
  const { deps, base, principal } = exchange
  const { job_id, seconds } = parseRequest(name === 'wait_for_job' ? waitInput : jobInput, call.input) as z.infer<
    typeof waitInput
  >
  const id = jobIdSchema.safeParse(job_id)
  if (!id.success || !mayUseJob(principal, id.data)) throw new ProblemError('job_not_found')
  if (name === 'cancel_job') return canceledAnswerOf(found(await deps.jobs.cancel(id.data, principal.tenant)).record)
  const { record } = found(await deps.jobs.get(id.data, { tenant: principal.tenant }))
  if (name === 'job_status') return statusAnswerOf(record, deps, base)
  return answerOf(await waitFor(exchange, record, call, seconds), deps, base)
}
