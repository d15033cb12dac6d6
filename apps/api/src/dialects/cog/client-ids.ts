/**
 * Predictions by the ids that their clients chose. Such an id is an idempotency key of its own kind, so it belongs to its tenant and its
 * model, is known for as long as a key is, and needs nothing that the record does not have. Called by the routes of Cog's dialect.
 */
import { createHash } from 'node:crypto'
import { type JobId, type JobKind, type JobRecord, jobIdSchema } from '@millrace/contracts'
import { type JobIntake, type JobReader, newJobId } from '@millrace/queue'

/** Longer ones are refused: they come back in each answer. */
export const ID_CHARS = 255

export interface ClientId {
  tenant: string
  model: string
  kind: JobKind
  id: string
}

/** The key under which a prediction with that id is submitted. */
export const keyOfClientId = ({ kind, id }: Pick<ClientId, 'kind' | 'id'>): string =>
  `cog:${kind}:${createHash('sha256').update(id).digest('hex')}`

type Jobs = Pick<JobIntake, 'seen'> & Pick<JobReader, 'get'>

/** Undefined when there is none, or not any more. The id of the job itself is good, too. */
export async function findByClientId(jobs: Jobs, asked: ClientId): Promise<JobRecord | undefined> {
  const own = jobIdSchema.safeParse(asked.id)
  const id = own.success ? own.data : await jobOfKey(jobs, asked)
  if (id === undefined) return undefined
  const found = await jobs.get(id, { tenant: asked.tenant })
  if (found.outcome !== 'found') return undefined
  const { record } = found
  return record.model === asked.model && record.kind === asked.kind ? record : undefined
}

async function jobOfKey(jobs: Jobs, { tenant, model, ...named }: ClientId): Promise<JobId | undefined> {
  // No body has an empty hash: whatever was sent under the key, its job is named.
  const idempotency = { key: keyOfClientId(named), bodyHash: '' }
  const seen = await jobs.seen({ id: newJobId(model), tenant, idempotency })
  return seen?.id
}
