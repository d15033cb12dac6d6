// How every test runs: each file in a process of its own, against real parts, two at a time.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{libs,apps,models,examples,test}/**/*.test.ts', 'scripts/**/*.test.{ts,mjs}'],
    // Models, servers and signals belong to a process; a thread cannot be killed alone.
    pool: 'forks',
    // Tests start Redis, API and runners of their own: more files at once only wait for each other.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
  },
})
