/**
 * Whether scripts can be kept in Redis as functions, which spares it time; all works without. Called by the look of `millrace doctor`
 * at Redis.
 */
import type { Redis } from 'ioredis'
import { FUNCTION_REFUSED } from '../scripts/script-function.ts'
import type { Advice } from './advise.ts'

const NAME = 'mr_probe'
const LIBRARY = `#!lua name=${NAME}\nredis.register_function('${NAME}', function() return 1 end)`

export async function adviseFunctions(node: Redis): Promise<Advice[]> {
  try {
    await node.function('LOAD', 'REPLACE', LIBRARY)
    await node.fcall(NAME, 0)
    await node.function('LIST', 'LIBRARYNAME', NAME)
    await node.function('DELETE', NAME)
    return []
  } catch (error) {
    const { message } = error as Error
    // Read-only, full: that is told by others.
    if (!FUNCTION_REFUSED.test(message)) return []
    return [message.startsWith('NOPERM') ? FORBIDDEN : UNKNOWN]
  }
}

const FORBIDDEN: Advice = {
  message:
    'The user of REDIS_URL may not use functions, so scripts are sent in their place: each call costs Redis some 30 µs more.',
  mend: 'Run ACL SETUSER <user> +fcall +function|load +function|list +function|delete.',
}

const UNKNOWN: Advice = {
  message: 'This Redis knows no functions, so scripts are sent in their place: each call costs it some 30 µs more.',
  mend: 'Use Redis 7 or newer, or Valkey.',
}
