/** Checks that the object store belongs to this Redis. It changes neither. Called by run-checks.ts. */
import { type Config, createLogger } from '@millrace/process'
import { openConfiguredQueue } from '@millrace/queue'
import { checkDataSet, openConfiguredStore } from '@millrace/storage'
import { fail, type Finding, ok } from './finding.ts'

/** Called when the store and Redis have both answered. It finds nothing while Redis does not exist yet. */
export async function checkStoreOwner(config: Config): Promise<Finding[]> {
  if (config.redisUrl === undefined) return []
  const { queue } = openConfiguredQueue(config, 'worker', createLogger({ level: 'silent' }), () => undefined)
  const store = await openConfiguredStore(config)
  try {
    const verdict = await checkDataSet(store, queue.dataSet, { mark: false })
    if (verdict.fault === null) return [ok('store', 'The object store and Redis belong together.')]
    return [fail('store', verdict.reason, verdict.mend)]
  } finally {
    await queue.close()
    await store.close()
  }
}
