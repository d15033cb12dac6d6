/** A manifest as everybody may see it. Called for what the API says about models; inputs are checked against the whole one. */
import type { Manifest } from '@millrace/contracts'
import { hideSecrets } from '@millrace/schema'

const shown = new WeakMap<Manifest, Manifest>()

/** Leaves out defaults, examples and choices at the places of secrets. */
export function shownManifest(manifest: Manifest): Manifest {
  const known = shown.get(manifest)
  if (known) return known
  const { input_schema: input, training } = manifest
  const fit = {
    ...manifest,
    input_schema: hideSecrets(input),
    training: training && { ...training, input_schema: hideSecrets(training.input_schema) },
  }
  shown.set(manifest, fit)
  return fit
}
