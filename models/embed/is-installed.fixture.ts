/** Tells the tests whether this model's own packages are there: some installations leave them out. */
import { MissingPackageError, openEmbedder } from './embedder.ts'

/** Any other fault of the packages is a fault of the test. */
export async function isInstalled(): Promise<boolean> {
  try {
    await openEmbedder()
    return true
  } catch (error) {
    if (error instanceof MissingPackageError) return false
    throw error
  }
}
