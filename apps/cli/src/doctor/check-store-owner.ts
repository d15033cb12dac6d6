/** Whether the object store is the one of this Redis; changes neither. */
import { type Config, createLogger } from '@millrace/process'
import { openConfiguredQueue } from '@millrace/queue'
import { checkDataSet, openConfiguredStore } from '@millrace/storage'
import { fail, type Finding, ok } from './finding.ts'

/** Called when both have answered; says nothing while Redis is not there yet. */
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
