/** Finds the processes that a process has started itself. Called by tests that kill some. */
import { readFileSync } from 'node:fs'

/** The ids of its child processes, oldest first. Linux only. */
export const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
