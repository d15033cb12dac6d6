/**
 * Checks that files can be kept: it writes one object, finds it, reads it and deletes it, as a job would. Called by
 * run-checks.ts.
 */
import type { Config } from '@millrace/process'
import { type ObjectStore, openConfiguredStore, storeFault, storeName, tryStore } from '@millrace/storage'
import { fail, type Finding, ok } from './finding.ts'

const PATIENCE_MS = 15_000

export async function checkStore(config: Config): Promise<Finding> {
  const begun = performance.now()
  let store: ObjectStore | undefined
  let step = 'open'
  try {
    store = await openConfiguredStore(config)
    await tryStore(store, PATIENCE_MS, (next) => {
      step = next
    })
    const ms = Math.round(performance.now() - begun)
    return ok('store', `An object was written to ${storeName(config)}, read and deleted in ${ms} ms.`)
  } catch (error) {
    const { message, mend } = storeFault(error, config, step)
    return fail('store', message, mend)
  } finally {
    await store?.close()
  }
}
