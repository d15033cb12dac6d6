/** Who asks for something, and what that one may do. Made by authenticate.ts for requests; whoever submits without HTTP names one too. */
import { type ApiKeyId, DEFAULT_TENANT, EVERY_SCOPE, type JobId, type Scope, tagOfJobId } from '@millrace/contracts'
import { tagOfModel } from '@millrace/queue'

export interface Principal {
  /** Whose jobs and files these are. */
  tenant: string
  /** The key that was shown; null: the one of the settings, or none was needed. */
  key: ApiKeyId | null
  scopes: ReadonlySet<Scope>
  /** The models that it may use, and the part of a job's id that names each; null: all. */
  models: { names: ReadonlySet<string>; tags: ReadonlySet<string> } | null
}

/** Whoever has the key of the settings; where there is none, whoever asks. */
export const OWNER: Principal = { tenant: DEFAULT_TENANT, key: null, scopes: EVERY_SCOPE, models: null }

export const toModels = (names: readonly string[] | null): Principal['models'] =>
  names === null ? null : { names: new Set(names), tags: new Set(names.map(tagOfModel)) }

export const mayDo = ({ scopes }: Principal, scope: Scope): boolean => scopes.has(scope) || scopes.has('admin')

export const mayUseModel = ({ models }: Principal, model: string): boolean => models === null || models.names.has(model)

export const mayUseJob = ({ models }: Principal, id: JobId): boolean =>
  models === null || models.tags.has(tagOfJobId(id))
