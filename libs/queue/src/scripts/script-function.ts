/**
 * A script as a function that Redis keeps, which costs a fraction of a small script's call: what a script defines is made anew at
 * each call, what a function defines is made once. Redis may not have it (a new one, one that was restored, a flush), or refuse it
 * (before Redis 7, by its rules); it says so before anything was done, so the same call is sent as a script then. Made by defineScript.
 */
import { within } from '@millrace/async'
import type { Cluster, Redis } from 'ioredis'
import { clusterOf, type RedisClient } from '../redis/redis-client.ts'
import { newCommand, sendCommand } from '../redis/send-command.ts'
import type { SentScript } from './sent-script.ts'
import type { ScriptLibrary } from './render-script.ts'

/** Not tried again for so long where it is refused, and where it could not be loaded. Milliseconds. */
const REFUSED_MS = 60_000
const FAILED_MS = 1000
/** How long a server may take to load it. Milliseconds. */
const LOADED_MS = 2000
/** Versions of one script that are kept. Whoever loads one more takes away all others; those in use come back by themselves. */
const MOST_VERSIONS = 8

/** What Redis says of a call that it has not begun. */
const MISSING = 'ERR Function not found'
export const FUNCTION_REFUSED = /^(NOPERM|ERR unknown command)\b.*['`](fcall|function)\b/i
/** Of one that is not to run in the reserve. As a script it may still answer without a write. What a command in it met reads on. */
const NO_MEMORY = /^OOM (allow-oom flag is not set\b|command not allowed when used memory > 'maxmemory'\.?$)/

export class ScriptFunction {
  readonly #redis: RedisClient
  readonly #library: ScriptLibrary
  readonly #script: SentScript
  #restsUntil = 0
  #isLoading = false

  /** `script`: the same as a script. */
  constructor(redis: RedisClient, library: ScriptLibrary, script: SentScript) {
    this.#redis = redis
    this.#library = library
    this.#script = script
  }

  /** `args`: the number of its keys, these, and what it is told. */
  async call(args: (string | number)[]): Promise<unknown> {
    if (this.#restsUntil > performance.now()) return this.#script.call(args)
    try {
      return await sendCommand(this.#redis, newCommand('fcall', [this.#library.name, ...args]))
    } catch (error) {
      const { message } = error as Error
      if (FUNCTION_REFUSED.test(message)) this.#rest(REFUSED_MS)
      else if (message.startsWith(MISSING)) void this.#load()
      else if (!NO_MEMORY.test(message)) throw error
      return this.#script.call(args)
    }
  }

  async #load(): Promise<void> {
    if (this.#isLoading) return
    this.#isLoading = true
    const cluster = clusterOf(this.#redis)
    // What a failover or a move needs next is not known, so each node of a cluster has it.
    const nodes = cluster ? (cluster as Cluster).nodes('master') : [this.#redis as Redis]
    // One that is away holds up no other.
    const inTime = (node: Redis) => within(this.#loadTo(node), LOADED_MS, () => new Error('away')).catch(() => false)
    const loaded = await Promise.all(nodes.map(inTime))
    if (loaded.includes(false)) this.#rest(FAILED_MS)
    this.#isLoading = false
  }

  async #loadTo(node: Redis): Promise<boolean> {
    try {
      await node.function('LOAD', this.#library.text)
    } catch (error) {
      const { message } = error as Error
      if (FUNCTION_REFUSED.test(message)) this.#rest(REFUSED_MS)
      return message.includes('already exists')
    }
    await this.#forgetOthers(node).catch(() => undefined)
    return true
  }

  async #forgetOthers(node: Redis): Promise<void> {
    const { name, pattern } = this.#library
    const found = (await node.function('LIST', 'LIBRARYNAME', pattern)) as unknown[][]
    const others = found.map((one) => String(one[1])).filter((one) => one !== name)
    if (others.length < MOST_VERSIONS) return
    for (const other of others) await node.function('DELETE', other)
  }

  #rest(ms: number): void {
    this.#restsUntil = Math.max(this.#restsUntil, performance.now() + ms)
  }
}
