import { describeLifecycle } from '../../../async/src/lifecycle/lifecycle.suite.ts'
import type { ObjectStore } from '../port/object-store.ts'
import { StoreWatch } from './store-watch.ts'

// Its behaviour with real stores is tested in test/contract/object-store/store-watch.test.ts.
describeLifecycle('the watch of the object store', ({ work, onFault }) => {
  const objects: Partial<ObjectStore> = {
    // Only the first step of a look is needed: a store that does not answer is looked at again too.
    put: () => work().then(() => Promise.reject(new Error('there is no store'))),
  }
  return {
    part: new StoreWatch({
      objects: objects as ObjectStore,
      memory: {} as ConstructorParameters<typeof StoreWatch>[0]['memory'],
      config: { dataDir: 'nowhere' },
      unreadyOn: [],
      logger: { debug: () => {}, info: () => {}, warn: () => {}, error: onFault },
      pace: { everyMs: 1000, againMs: 1000, startMs: 500, patienceMs: 60_000 },
    }),
    everyMs: 1000,
  }
})
