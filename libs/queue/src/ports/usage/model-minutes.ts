/** What happened to the jobs of a model, minute by minute, for a day. Read by the API. Minutes are numbers: those since 1970, by the clock of Redis. */
import type { Lengths } from './lengths.ts'

export interface MinuteCounts {
  submitted: number
  /** Put back into the line because a client asked. */
  reran: number
  succeeded: number
  failed: number
  canceled: number
  /** Of attempts, until their model began. */
  wait: Lengths
  /** Of attempts whose model ran. */
  run: Lengths
}

export interface ModelMinutes {
  now(model: string): Promise<number>
  /** Minutes of the model from one to another, both included, the oldest first. Those in which nothing happened are left out. */
  read(model: string, from: number, to: number): Promise<(MinuteCounts & { minute: number })[]>
}
