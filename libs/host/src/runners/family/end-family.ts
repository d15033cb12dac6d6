/**
 * Kills what a runner has left: a process that made a session or a group of its own escapes the end of the runner's group, and goes
 * on to hold memory of the device. Found by the mark in its environment, where the system tells that (Linux). Called by RunnerChild.
 */
import { readdir, readFile } from 'node:fs/promises'

/** A process may fork while the others are looked at, so it is looked again until none is found. */
const MOST_LOOKS = 5

/** Resolves when none is left, or the system does not tell. Never rejects. */
export async function endFamily(mark: string): Promise<void> {
  for (let look = 0; look < MOST_LOOKS; look++) if (!(await killMarked(mark))) return
}

async function killMarked(mark: string): Promise<boolean> {
  const names = await readdir('/proc').catch(() => [])
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(pids.map((pid) => hasMark(pid, mark)))
  const own = pids.filter((_, index) => found[index])
  for (const pid of own) kill(pid)
  return own.length > 0
}

/** Of a process that is gone, or another user's, nothing can be read. */
async function hasMark(pid: number, mark: string): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
  return environment.includes(mark)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It went by itself.
  }
}
