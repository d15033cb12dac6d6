/**
 * The ids of versions as Replicate's clients see them. `run('o/n:v')` sends the `v` alone, so an id has to say whose version it is:
 * it is the name of the model, a dot, and the version. No model has a dot in its name. Called by the API and by toPrediction.
 */
import { modelNameSchema } from '@millrace/contracts'

export interface NamedVersion {
  /** Undefined: it names no model. */
  model: string | undefined
  version: string | undefined
}

/** `echo.1.0.0`. */
export const canonicalVersion = (model: string, version: string): string => `${model}.${version}`

/**
 * What a client means by a version: `owner/name`, `owner/name:id`, an id of ours, or the bare version of a model that it names
 * elsewhere.
 */
export function splitVersion(text: string): NamedVersion {
  const [, name, id] = /^[^/]+\/([^/:]+)(?::(.+))?$/.exec(text) ?? []
  if (name !== undefined) return { model: name, version: id === undefined ? undefined : withoutModel(id, name) }
  const dot = text.indexOf('.')
  const model = text.slice(0, Math.max(dot, 0))
  // `v1.0` reads like a version of the model `v1`: whether there is one is for the caller to find out.
  if (modelNameSchema.safeParse(model).success) return { model, version: text.slice(dot + 1) }
  return { model: undefined, version: text }
}

/** The version of a model that is known, by either way to write it. */
export const withoutModel = (id: string, model: string): string =>
  id.startsWith(`${model}.`) ? id.slice(model.length + 1) : id
