/** Which version of a model takes a submit that names none. Asked by submit-routes.ts before the body is read, which is typed by it. */
import type { JobId, Manifest } from '@millrace/contracts'
import type { TrafficShare } from '@millrace/queue'
import { hash } from 'node:crypto'
import type { ModelCache } from '../models/model-cache.ts'

export interface RoutedModel {
  model: Manifest
  /** The split of traffic chose it; else it is the current version. */
  routed: boolean
}

/** The same for the same id. */
export async function routeSubmit(
  models: Pick<ModelCache, 'traffic' | 'version'>,
  current: Manifest,
  id: JobId,
): Promise<RoutedModel> {
  const shares = await models.traffic(current.name)
  const version = shares.length === 0 ? undefined : versionAt(shares, pointOf(id))
  if (version === undefined) return { model: current, routed: false }
  if (version === current.version) return { model: current, routed: true }
  const model = await models.version(current.name, version)
  return model ? { model, routed: true } : { model: current, routed: false }
}

/** Where an id falls in 0 to 100; all places are equally likely. */
const pointOf = (id: JobId): number => (Number.parseInt(hash('sha256', id, 'hex').slice(0, 8), 16) / 2 ** 32) * 100

/** Undefined for what no share covers. Shares of versions that nobody has are not among them. */
function versionAt(shares: readonly TrafficShare[], point: number): string | undefined {
  let end = 0
  return shares.find(({ share }) => point < (end += share))?.version
}
