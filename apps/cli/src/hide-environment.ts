/**
 * Hides the environment that this process was started with: /proc/<pid>/environ shows it to every process of the same
 * user, and so to each model. Called by main.ts before all else.
 */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'

/** Places of the addresses `env_start` and `env_end` in /proc/<pid>/stat, counted after the name of the program. */
const ENV_START = 47
const ENV_END = 48

/**
 * Overwrites it where it lies, on the stack of this process. Nobody misses it: each variable of `env`, which is the
 * live environment, is set anew before, so that Node and the C library have copies of their own. Gives false where there
 * is nothing of the kind (any system but Linux), and where the system does not let a process write its own memory so.
 */
export function hideEnvironment(env: Record<string, string | undefined>): boolean {
  if (process.platform !== 'linux') return false
  try {
    for (const [name, value] of Object.entries(env)) env[name] = value
    const stat = readFileSync('/proc/self/stat', 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const start = Number(fields[ENV_START])
    const size = Number(fields[ENV_END]) - start
    // An address that a number can't hold exactly is none that we may write to.
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
