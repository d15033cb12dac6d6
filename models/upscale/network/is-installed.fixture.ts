/** Tells the tests whether this model's own packages are there: some installations leave them out. */
import { loadRuntime } from './onnx-runtime.ts'
import { MissingPackageError } from './setup-errors.ts'

/** Any other fault of the package is a fault of the test. */
export function isInstalled(): boolean {
  try {
    loadRuntime(import.meta.url)
    return true
  } catch (error) {
    if (error instanceof MissingPackageError) return false
    throw error
  }
}
