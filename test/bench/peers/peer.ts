/** What the bench needs to know of a stack that people use in our place, to start it and to ask it. */
import type { Request } from '../load/load-plan.ts'

/** Where it is to run. `slots`: how many jobs it may work on at once. */
export interface PeerPlace {
  port: number
  redisUrl: string
  slots: number
}

export interface PeerProcess {
  part: 'api' | 'worker'
  /** In the `bin` of its virtual environment. */
  program: string
  args: string[]
  /** What it prints once it works, in a group. */
  ready: RegExp
}

export interface Peer {
  /** For `--only`. */
  key: string
  name: string
  /** For pip. Nothing of them is in this repository. */
  packages: readonly string[]
  /** The package whose version and licence are shown. */
  main: string
  usesRedis: boolean
  /** Beside what all are given. */
  env?: Record<string, string>
  processes(place: PeerPlace): PeerProcess[]
  /** Submits a text that takes so long. Where there is no queue it answers with the result. */
  submit(text: string, ms: number): Request
  submitStatus: number
  /** What it answers when all its places are taken: the client sends it again. */
  busyStatus?: number
  /** More at once would be refused. Default: no bound. */
  mostClients?: number
  /** How a job is read; its path has `{id}` for the id. Absent where there is no queue. */
  read?: Request
  /** What the answer about a job that has ended well holds. */
  doneText: string
}
