/**
 * Which lines there are for a model. A job that is pinned to a version waits in the line of that version; any other in the line of
 * the contract that it was accepted by, which every version serves that has the same schemas. Asked by submits and by workers.
 */
import { base32, type JobKind, type Manifest } from '@millrace/contracts'
import { createHash } from 'node:crypto'

/** Of jobs that must run on that very version. */
export const lineOfVersion = (version: string): string => `v:${encodeURIComponent(version)}`

/** Whether it is the line of a version. */
export const isPinned = (line: string): boolean => line.startsWith('v:')

/** By manifest: to hash the schemas costs more than all else of a submit. */
const contracts = new WeakMap<Manifest, Record<JobKind, string>>()

/** Of jobs of a kind that may run on any version with the same schemas for that kind. */
export function lineOfContract(manifest: Manifest, kind: JobKind): string {
  const known = contracts.get(manifest) ?? {
    prediction: contractOf('prediction', manifest),
    training: contractOf('training', manifest.training),
  }
  contracts.set(manifest, known)
  return known[kind]
}

/** All lines that a worker with this manifest serves. */
export const linesOf = (manifest: Manifest): string[] => [
  lineOfVersion(manifest.version),
  lineOfContract(manifest, 'prediction'),
  ...(manifest.training ? [lineOfContract(manifest, 'training')] : []),
]

function contractOf(kind: JobKind, schemas: Pick<Manifest, 'input_schema' | 'output_schema'> | null): string {
  const text = inOrder([kind, schemas?.input_schema, schemas?.output_schema])
  return `c:${base32(createHash('sha256').update(text).digest().subarray(0, 10))}`
}

/** JSON whose objects have their keys in order, so that the same schema makes the same text. */
function inOrder(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
