/** The tools for jobs that take longer than a call may: wait for one, look at one, cancel one. Called by list-tools.ts and call-tool.ts. */
import type { Scope } from '@millrace/contracts'
import type { Tool } from './model-tools.ts'
import { JOB_PROPERTIES } from './tool-schemas.ts'

export type JobToolName = 'wait_for_job' | 'job_status' | 'cancel_job'

interface JobTool extends Tool {
  name: JobToolName
  /** Who has a key without it is not shown the tool. */
  scope: Scope
}

const JOB_ID = { type: 'string', description: 'As another tool has answered it: `job_` and 34 characters.' }

const seconds = {
  ...{ type: 'number', minimum: 0 },
  description: 'How long to wait at most. Default: as long as an answer may take, which is less than a minute.',
}

const OUTPUT = {
  description: 'What the model gave. There when the job has succeeded, unless it is too large to be shown.',
}
const ERROR = {
  type: 'object',
  description: 'Why the job failed.',
  properties: { code: { type: 'string' }, message: { type: 'string' } },
}

const reads = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false }

export const JOB_TOOLS: readonly JobTool[] = [
  {
    name: 'wait_for_job',
    title: 'Wait for a job',
    scope: 'jobs:read',
    description:
      'Waits for the end of a job, less than a minute at a time, and answers as the tool that began it would have. Call it again while the job is queued or running.',
    inputSchema: inputOf({ job_id: JOB_ID, seconds }),
    outputSchema: outputOf({ output: OUTPUT }),
    annotations: reads,
  },
  {
    name: 'job_status',
    title: 'Look at a job',
    scope: 'jobs:read',
    description:
      'Tells at once how it is with a job: its status, its progress, where it waits, and its output or error if it has ended.',
    inputSchema: inputOf({ job_id: JOB_ID }),
    outputSchema: outputOf({
      ...{ output: OUTPUT, error: ERROR, model: { type: 'string' } },
      queue: { type: 'string', description: 'Where it waits, while it is queued.' },
    }),
    annotations: reads,
  },
  {
    name: 'cancel_job',
    title: 'Cancel a job',
    scope: 'jobs:cancel',
    description: 'Cancels a job that waits, and tells one that runs to stop. One that has ended stays as it is.',
    inputSchema: inputOf({ job_id: JOB_ID }),
    outputSchema: outputOf({ cancel_requested: { type: 'boolean' } }),
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  },
]

export const jobToolOf = (name: string): JobTool | undefined => JOB_TOOLS.find((tool) => tool.name === name)

function inputOf(properties: Record<string, unknown>): Tool['inputSchema'] {
  return { type: 'object', properties, required: ['job_id'], additionalProperties: false }
}

function outputOf(more: Record<string, unknown>): Tool['outputSchema'] {
  return { type: 'object', properties: { ...JOB_PROPERTIES, ...more }, required: ['job_id', 'status'] }
}
