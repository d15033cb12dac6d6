/** Sends a command without what ioredis does around each of its methods. Used for scripts, and for what is asked for each request. */
import { Command, type Redis } from 'ioredis'
import type { RedisClient } from './redis-client.ts'

/** Rejects with the client's own error. */
export const sendCommand = (redis: RedisClient, command: Command): Promise<unknown> =>
  (redis as Redis).sendCommand(command) as Promise<unknown>

export const newCommand = (name: string, args: (string | number)[]): Command =>
  new Command(name, args, { replyEncoding: 'utf8' })
