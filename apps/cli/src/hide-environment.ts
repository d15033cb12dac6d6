/**
 * Hides the environment that this process was started with. /proc/<pid>/environ shows it to every process of the same user,
 * so also to each model. Called by main.ts before all else.
 */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'

/** The positions of the addresses `env_start` and `env_end` in /proc/<pid>/stat, counted after the name of the program. */
const ENV_START = 47
const ENV_END = 48

/**
 * Overwrites the environment in memory, on the stack of this process. This is safe: first each variable of `env`, the live
 * environment, is set again, so Node and the C library have copies of their own. Returns false on systems other than Linux,
 * and where a process may not write to its own memory in this way.
 */
export function hideEnvironment(env: Record<string, string | undefined>): boolean {
  if (process.platform !== 'linux') return false
  try {
    for (const [name, value] of Object.entries(env)) env[name] = value
    const stat = readFileSync('/proc/self/stat', 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const start = Number(fields[ENV_START])
    const size = Number(fields[ENV_END]) - start
    // A number can't hold this address exactly, so it is not safe to write there.
    if (!(start > 0 && size > 0) || !Number.isSafeInteger(start + size)) return false
    const memory = openSync('/proc/self/mem', 'r+')
    try {
      return writeSync(memory, Buffer.alloc(size), 0, size, start) === size
    } finally {
      closeSync(memory)
    }
  } catch {
    return false
  }
}
