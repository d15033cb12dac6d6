/** The faults of a chaos run in one line. Called by runChaos and printReport. */
import { type Fault, REPLIES_LOST } from './nemesis.ts'

/** `60 SIGKILLs, 5 freezes, 1 Redis kills, …`: what was really done. */
export function tally(faults: readonly Fault[]): string {
  const count = (...kinds: Fault['kind'][]): number => faults.filter(({ kind }) => kinds.includes(kind)).length
  return [
    `${count('kill-worker', 'kill-api')} SIGKILLs`,
    `${count('freeze')} freezes`,
    `${count('kill-redis')} Redis kills`,
    `${count('freeze-redis')} Redis freezes`,
    `${count('lose-replies') * REPLIES_LOST} replies lost`,
    `${count('drain')} drains`,
    `${count('fill-redis')} times a full Redis`,
  ].join(', ')
}
