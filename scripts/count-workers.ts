/** Decides how many test files run at once. Called by vitest.config.ts. */

/** The memory that one test file may need with all that it starts: Redis, API, worker, runners. Bytes. */
const BYTES_EACH = 1.5 * 1024 ** 3
/** With more servers than this at once, they are slowed by each other's ports and disks. */
const MOST = 16

/** One more than there are cores, for a third of a file's time is waiting; as long as there is memory for it. At least one. */
export const countWorkers = (cores: number, bytes: number): number =>
  Math.max(1, Math.min(cores + 1, Math.floor(bytes / BYTES_EACH), MOST))
