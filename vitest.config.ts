// How every test runs: each file in a process of its own, against real parts, and one more at a time than there are cores.
import { availableParallelism, totalmem } from 'node:os'
import { defineConfig } from 'vitest/config'
import { countWorkers } from './scripts/count-workers.ts'
import { LongestFirst } from './scripts/longest-first.ts'

// In a container the smaller of the two is what there is; without a limit the first says 0 or more than there is.
const memory = Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem())

export default defineConfig({
  test: {
    include: ['{libs,apps,models,examples,test}/**/*.test.{ts,tsx}', 'scripts/**/*.test.{ts,mjs}'],
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
