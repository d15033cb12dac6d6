/** Refusals of what is not there, is gone, or is in a state that does not allow it. Part of the table in problem.ts. */
import type { ProblemEntry } from './problem-entry.ts'

export const STATE_PROBLEMS = {
  model_not_found: {
    status: 404,
    title: 'No worker has published this model',
    fix: 'GET /v1/models lists the published models.',
  },
  model_failed: {
    status: 409,
    title: 'The model could not be loaded',
    fix: 'See `detail` for the reason: whoever wrote or operates the model has to mend it. It takes jobs as soon as it has loaded once.',
  },
  job_not_found: {
    status: 404,
    title: 'There is no such job',
    fix: 'Check the id; only the owner of a job can see it.',
  },
  worker_not_found: {
    status: 404,
    title: 'There is no such worker',
    fix: 'GET /v1/workers lists them; a worker that is started again has another id.',
  },
  relocation_not_found: {
    status: 404,
    title: 'There is no such move of jobs',
    fix: 'Check the id; what became of it is known for 7 days.',
  },
  cancellation_not_found: {
    status: 404,
    title: 'There is no such cancellation',
    fix: 'Check the id; what became of it is known for 7 days.',
  },
  job_action_not_found: {
    status: 404,
    title: 'There is no such action on jobs',
    fix: 'Check the id: GET /v1/job-actions lists them; what became of one is known for 7 days.',
  },
  batch_not_found: {
    status: 404,
    title: 'There is no such batch',
    fix: 'Check the id: GET /v1/batches lists them; one that has ended is known as long as its `kept_until` says.',
  },
  batch_not_ended: {
    status: 409,
    title: 'The batch has not ended',
    fix: 'Wait for its end, or cancel it; then send the request again.',
  },
  count_mismatch: {
    status: 409,
    title: 'More or fewer jobs match than was expected, and nothing was done',
    fix: 'See `count` for how many match now; if these are meant, send the request again with that as `expect_count`.',
  },
  webhook_endpoint_not_found: {
    status: 404,
    title: 'There is no such webhook endpoint',
    fix: 'Check the id: GET /v1/webhook-endpoints lists them.',
  },
  webhook_delivery_not_found: {
    status: 404,
    title: 'There is no such delivery',
    fix: 'Check the id: GET /v1/webhook-deliveries lists the deliveries, which are kept for 7 days after their end.',
  },
  file_not_found: {
    status: 404,
    title: 'There is no such file',
    fix: 'Check the id; a file that no job uses is deleted after a while. Upload it again.',
  },
  would_be_late: {
    status: 409,
    title: 'The job would probably not start in time',
    fix: 'Send it later, with a longer `expires_in`, or without `reject_if_late`.',
  },
  version_not_available: {
    status: 409,
    title: 'The model has no such version',
    fix: 'Leave `version` out, or name one of GET /v1/models/{model}/versions.',
  },
  job_not_finished: {
    status: 409,
    title: 'The job has no output yet',
    fix: 'Wait for the job to finish: GET /v1/jobs/{id}?wait=60.',
  },
  job_has_no_output: { status: 409, title: 'The job ended without an output', fix: "See the job's `error`." },
  job_not_retryable: {
    status: 409,
    title: 'Only a failed job can be retried',
    fix: 'Submit a new job instead. With a `version`, the input of any job that has ended can be run again.',
  },
  job_running: { status: 409, title: 'The job is running', fix: 'Cancel it first, or wait for its end.' },
  webhook_endpoint_disabled: {
    status: 409,
    title: 'The webhook endpoint is disabled, or was removed',
    fix: 'Enable it first: POST /v1/webhook-endpoints/{id}/enable.',
  },
  webhook_endpoint_limit: {
    status: 409,
    title: 'The highest number of webhook endpoints is reached',
    fix: 'Remove one that is not needed.',
  },
  upload_incomplete: {
    status: 409,
    title: 'Not all bytes of the upload have arrived',
    fix: 'Send what is missing to the addresses of the upload, then complete it again.',
  },
  job_purged: {
    status: 410,
    title: 'The job was purged',
    fix: 'If it is needed, submit it again with a new idempotency key.',
  },
} as const satisfies Record<string, ProblemEntry>
