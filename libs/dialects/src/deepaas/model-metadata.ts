/** A model as DEEPaaS describes it. Called by the routes of DEEPaaS. */
import type { Manifest } from '@millrace/contracts'

/** Where a model of this convention keeps what its `get_metadata` gives. */
const KEY = 'x-deepaas-metadata'

/** Whether it was written for DEEPaaS: then its output is the answer as that server gives it. */
export const isDeepaas = ({ input_schema }: Manifest): boolean => Object.hasOwn(input_schema, KEY)

/** `base`: how paths begin there, such as `/deepaas/v2`. */
export function toMetadata(manifest: Manifest, base: string): Record<string, unknown> {
  const { name: id, description, version, input_schema } = manifest
  const said = input_schema[KEY]
  const own = typeof said === 'object' && said !== null ? (said as Record<string, unknown>) : {}
  // A model may call itself otherwise than it is called here; the id and the link are those that lead to it.
  const { id: _id, links: _links, ...rest } = own
  const links = [{ rel: 'self', href: `${base}/models/${id}` }]
  return { id, name: id, links, description, version, ...rest }
}
