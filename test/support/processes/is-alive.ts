/** Tells whether a process runs. Called by tests that kill some. */
import { readFileSync } from 'node:fs'

/** True when a process runs. A process that has ended and waits for its parent to notice (a zombie) does not count. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return stateOf(pid) !== 'Z'
  } catch {
    return false
  }
}

/** The letter of its state on Linux; undefined elsewhere. The name before it may contain anything, even brackets. */
function stateOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.[0]
  } catch {
    return undefined
  }
}
