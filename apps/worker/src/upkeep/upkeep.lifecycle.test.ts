import { describeLifecycle } from '../../../../libs/async/src/lifecycle/lifecycle.suite.ts'
import { Shelver } from './shelver.ts'
import { Sweeper, type SweeperDeps } from './sweeper.ts'

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const never = () => Promise.reject(new Error('not asked for here'))

describeLifecycle('the shelver', ({ work, onFault }) => ({
  part: new Shelver({
    shelf: { take: async () => [], read: never, putAway: never },
    models: () => work().then(() => []),
    objects: { put: never, get: never, delete: never },
    logFault: (_message, error) => onFault(error),
    everyMs: 1000,
  }),
  everyMs: 1250,
}))

describeLifecycle('the sweeper', ({ work, onFault }) => {
  const files: Partial<SweeperDeps['files']> = { takeTurn: () => work().then(() => true), tenants: async () => [] }
  return {
    part: new Sweeper({
      worker: 'w_1',
      files: files as SweeperDeps['files'],
      jobs: { get: never },
      objects: {} as SweeperDeps['objects'],
      ownedSince: async () => undefined,
      logger,
      logFault: (_message, error) => onFault(error),
      pace: { everyMs: 1000 },
    }),
    everyMs: 1250,
  }
})
