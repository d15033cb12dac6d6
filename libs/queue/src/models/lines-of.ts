/**
 * Which lines there are for a model. A job that is pinned to a version waits in the line of that version; any other in the line of
 * the contract that it was accepted by, which every version serves that has the same schemas. What schemas only tell people does
 * not count. Asked by submits, by workers and by the registry.
 */
import { base32, JOB_KINDS, type JobKind, type Manifest } from '@millrace/contracts'
import { withoutAnnotations } from '@millrace/schema'
import { createHash } from 'node:crypto'

/** The lines of the contracts of a model, by kind. */
export type ContractLines = Record<JobKind, string>

/** Of jobs that must run on that very version. */
export const lineOfVersion = (version: string): string => `v:${encodeURIComponent(version)}`

/** The version of such a line. */
export const versionOfLine = (line: string): string => decodeURIComponent(line.slice(2))

/** Of the jobs of a contract, by its name. */
export const lineOfContractNamed = (contract: string): string => `c:${contract}`

/** Whether it is the line of a version. */
export const isPinned = (line: string): boolean => line.startsWith('v:')

/** By manifest: to hash the schemas costs more than all else of a submit. */
const contracts = new WeakMap<Manifest, ContractLines>()

/** Of jobs of a kind that may run on any version with the same schemas for that kind. */
export function contractLinesOf(manifest: Manifest): ContractLines {
  const known = contracts.get(manifest) ?? linesBy(manifest, withoutAnnotations)
  contracts.set(manifest, known)
  return known
}

export const lineOfContract = (manifest: Manifest, kind: JobKind): string => contractLinesOf(manifest)[kind]

/**
 * Workers of the former way hash schemas whole, and do not publish how their contracts are called. Jobs for what one of them
 * published go where it looks.
 */
export function rememberContracts(manifest: Manifest, published: ContractLines | undefined): void {
  contracts.set(manifest, published ?? wholeContractLinesOf(manifest))
}

/** The lines of the contracts that it has jobs for. */
export const contractsOf = (manifest: Manifest): string[] => offered(manifest, contractLinesOf(manifest))

/** All lines that a worker with this manifest serves. */
export const linesOf = (manifest: Manifest): string[] => [
  ...new Set([
    lineOfVersion(manifest.version),
    ...contractsOf(manifest),
    // Jobs of the former way may wait there, and APIs of the former way go on putting them there.
    ...offered(manifest, wholeContractLinesOf(manifest)),
  ]),
]

const offered = (manifest: Manifest, lines: ContractLines): string[] =>
  JOB_KINDS.filter((kind) => kind === 'prediction' || manifest.training).map((kind) => lines[kind])

const wholeContracts = new WeakMap<Manifest, ContractLines>()

/** As they were called when all that a schema says counted. */
function wholeContractLinesOf(manifest: Manifest): ContractLines {
  const known = wholeContracts.get(manifest) ?? linesBy(manifest, (schema) => schema)
  wholeContracts.set(manifest, known)
  return known
}

type Schema = Manifest['input_schema']

function linesBy(manifest: Manifest, counted: (schema: Schema) => unknown): ContractLines {
  const lineOf = (kind: JobKind, schemas: Pick<Manifest, 'input_schema' | 'output_schema'> | null): string => {
    const { input_schema: input, output_schema: output } = schemas ?? {}
    const text = inOrder([kind, input && counted(input), output && counted(output)])
    return lineOfContractNamed(base32(createHash('sha256').update(text).digest().subarray(0, 10)))
  }
  return { prediction: lineOf('prediction', manifest), training: lineOf('training', manifest.training) }
}

/** JSON whose objects have their keys in order, so that the same schema makes the same text. */
function inOrder(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
