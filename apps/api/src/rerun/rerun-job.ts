/**
 * Submits the input of a job that has ended once more, to a version of its model: a new job, on the terms of the old one.
 * Called by rerun-routes.ts.
 */
import { buffer } from 'node:stream/consumers'
import {
  isStored,
  isTerminal,
  type JobRecord,
  type JsonValue,
  type Manifest,
  ProblemError,
  replaceAt,
} from '@millrace/contracts'
import type { ObjectReader } from '@millrace/storage'
import { sha256 } from '../input/canonical-text.ts'
import type { Principal } from '../http/access/principal.ts'
import { type Kept, submitJob, type SubmitDeps } from '../submit/submit-job.ts'

export interface Rerun {
  principal: Principal
  /** The current version of the model. */
  model: Manifest
  /** The one to run on. */
  version: string
  /** Default: one that is the same whenever this job is rerun on that version, so that a request may be sent again. */
  idempotencyKey?: string
}

/** Rejects with ProblemError when it has not ended, and as submitJob does. */
export async function rerunJob(deps: SubmitDeps, record: JobRecord, rerun: Rerun): Promise<Kept> {
  const { principal, model, version } = rerun
  const { id, kind, priority, metadata, webhook, timeout_seconds: timeout, max_attempts } = record
  if (!isTerminal(record.status)) {
    throw new ProblemError('job_not_retryable', { detail: 'It has not ended: cancel it first, or wait for its end.' })
  }
  return submitJob(deps, {
    principal,
    model,
    idempotencyKey: rerun.idempotencyKey ?? sha256(`rerun ${id} ${version}`),
    rerunOf: id,
    input: await inputOf(record, deps.objects),
    fields: {
      ...{ kind, priority, metadata, timeout, max_attempts, version },
      ...(webhook && { webhook: webhook.url, webhook_events: webhook.events }),
    },
  })
}

/** As a client would send it: each file by its id, or by the address that it is to be fetched from. */
async function inputOf(
  { input, input_files: files }: JobRecord,
  objects: Pick<ObjectReader, 'get'>,
): Promise<Record<string, unknown>> {
  const value = JSON.parse(await textOf(input, objects)) as Record<string, unknown>
  for (const file of files) replaceAt(value, file.pointer, isStored(file) ? file.id : file.url)
  return value
}

async function textOf(value: JsonValue, objects: Pick<ObjectReader, 'get'>): Promise<string> {
  return 'inline' in value ? value.inline : (await buffer(await objects.get(value.stored.key))).toString()
}
