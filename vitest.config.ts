// How every test runs: against real parts, and one more file at a time than there are cores.
import { availableParallelism, totalmem } from 'node:os'
import { pathWithPython } from './scripts/python/path-with-python.ts'
import { defaultExclude, defineConfig } from 'vitest/config'
import { countWorkers } from './scripts/count-workers.ts'
import { LongestFirst } from './scripts/longest-first.ts'
import { SLOW_TESTS } from './scripts/slow-tests.ts'

// In a container the smaller of the two is what there is; without a limit the first says 0 or more than there is.
const memory = Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem())

/** What starts at most a server or two: half of its time was the start of a process and its imports for each file. */
const QUICK = ['{libs,apps}/**/*.test.{ts,tsx}', 'test/contract/**/*.test.ts']
/** They load other test files again, for another kind of Redis. */
const AGAIN = 'test/contract/redis/*.test.ts'
const REST = ['{models,examples,test/!(contract)}/**/*.test.ts', 'scripts/**/*.test.{ts,mjs}']
const slow = Object.keys(SLOW_TESTS)

export default defineConfig({
  test: {
    projects: [
      // They share processes, so what one leaves behind the next one finds.
      {
        extends: true,
        test: { name: 'quick', include: QUICK, exclude: [...defaultExclude, ...slow, AGAIN], isolate: false },
      },
      { extends: true, test: { name: 'alone', include: [...slow, AGAIN, ...REST] } },
    ],
    env: pathWithPython(),
    // Models, servers and signals belong to a process; a thread cannot be killed alone.
    pool: 'forks',
    // Tests start Redis, API and runners of their own: more files at once only wait for each other.
    maxWorkers: countWorkers(availableParallelism(), memory),
    // The end of the suite is short when no long file begins late.
    sequence: { sequencer: LongestFirst },
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
  },
})
