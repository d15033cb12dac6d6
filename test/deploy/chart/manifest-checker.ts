/**
 * The schemas of Kubernetes, KEDA and the Prometheus operator in `schemas`, as a check of one manifest. Called by
 * manifests.test.ts.
 */
import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'

export interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; labels?: Record<string, string> }
}

interface SchemaFile {
  kinds: Record<string, object>
  definitions: object
}

const FOREIGN = ['keda-2.21', 'prometheus-operator-0.85']

/** Returns what is wrong with a manifest: nothing when it is as the cluster wants it. `kubernetes` is a version: 1.37. */
export function manifestChecker(kubernetes: string): (manifest: Manifest) => string[] {
  const checks = new Map<string, ValidateFunction>()
  for (const name of [`kubernetes-${kubernetes}`, ...FOREIGN]) {
    const path = new URL(`../schemas/${name}.json`, import.meta.url)
    const { kinds, definitions } = JSON.parse(readFileSync(path, 'utf8')) as SchemaFile
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })
    for (const [kind, schema] of Object.entries(kinds)) checks.set(kind, ajv.compile({ ...schema, definitions }))
  }
  return (manifest) => {
    const kind = `${manifest.apiVersion}/${manifest.kind}`
    const check = checks.get(kind)
    if (check === undefined) return [`${kind} has no schema here`]
    if (check(manifest)) return []
    return (check.errors ?? []).map(
      ({ instancePath, message, params }) => `${kind} ${instancePath} ${message} ${JSON.stringify(params)}`,
    )
  }
}
