/** A manifest as a worker published it, with how its contracts are called. Used by the registry and by whoever steers versions. */
import { type Manifest, manifestSchema } from '@millrace/contracts'
import { ZodError } from 'zod'
import { type ContractLines, rememberContracts } from './lines-of.ts'

/** Throws ZodError. */
export function parseManifest(text: string): Manifest {
  const published = JSON.parse(text) as { contracts?: ContractLines }
  const manifest = manifestSchema.parse(published)
  rememberContracts(manifest, published.contracts)
  return manifest
}

/** Undefined for one that is not understood, such as that of another version of Millrace. */
export function parseKnownManifest(text: string): Manifest | undefined {
  try {
    return parseManifest(text)
  } catch (error) {
    if (error instanceof ZodError) return undefined
    throw error
  }
}
