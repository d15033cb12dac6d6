/** How many test files run at once. Called by vitest.config.ts. */

/** What a test file may take with all that it starts: Redis, API, worker, runners. Bytes. */
const BYTES_EACH = 1.5 * 1024 ** 3
/** So many servers at once that more of them find each other's ports and disks rather than time. */
const MOST = 16

/** One for each core, as long as there is memory for it; one in any case. */
export const countWorkers = (cores: number, bytes: number): number =>
  Math.max(1, Math.min(cores, Math.floor(bytes / BYTES_EACH), MOST))
