/** A script as Redis is sent it: by its hash, and whole where Redis does not know it yet. Made by defineScript. */
import { createHash } from 'node:crypto'
import type { RedisClient } from '../redis/redis-client.ts'
import { replyCode } from '../redis/redis-connection.ts'
import { newCommand, sendCommand } from '../redis/send-command.ts'

export const hashOfScript = (lua: string): string => createHash('sha1').update(lua).digest('hex')

export class SentScript {
  readonly #redis: RedisClient
  readonly #lua: string
  readonly #hash: string

  constructor(redis: RedisClient, lua: string) {
    this.#redis = redis
    this.#lua = lua
    this.#hash = hashOfScript(lua)
  }

  /** `args`: the number of its keys, these, and what it is told. */
  async call(args: (string | number)[]): Promise<unknown> {
    try {
      return await sendCommand(this.#redis, newCommand('evalsha', [this.#hash, ...args]))
    } catch (error) {
      if (replyCode(error) !== 'NOSCRIPT') throw error
      return sendCommand(this.#redis, newCommand('eval', [this.#lua, ...args]))
    }
  }
}
