/** Kills a process and everything that it started. Called by tests that kill some. */
import type { ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { once } from 'node:events'

/** Kills a child and everything below it at once with SIGKILL, like a power cut. Linux only. */
export async function killProcessTree(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const gone = once(child, 'exit')
  // All are frozen first, so that none can notice a death and clean up.
  const pids = descendants(child.pid)
  for (const signal of ['SIGSTOP', 'SIGKILL'] as const) for (const pid of pids) send(pid, signal)
  await gone
}

function descendants(root: number): number[] {
  const children = new Map<number, number[]>()
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry)
    const parent = Number.isInteger(pid) ? parentOf(pid) : undefined
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid])
  }
  const all = [root]
  for (let i = 0; i < all.length; i++) all.push(...(children.get(all[i] as number) ?? []))
  return all
}

function parentOf(pid: number): number | undefined {
  try {
    // The name may contain anything, even brackets. After the last bracket the format is fixed.
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1])
  } catch {
    return undefined
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It is gone already.
  }
}
