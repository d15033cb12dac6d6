/** A process that holds an embedded Redis, for embedded-redis.test.ts to kill. Argument: the data folder. */
import { createLogger, findProgram, REDIS_SERVERS } from '@millrace/process'
import { startEmbeddedRedis } from './embedded-redis.ts'

const [dataDir = '', searchPath] = process.argv.slice(2)
const program = findProgram(REDIS_SERVERS, searchPath) ?? 'redis-server'
const logger = createLogger({ level: 'silent' })
try {
  const redis = await startEmbeddedRedis({ dataDir, program, logger })
  console.log(`up ${redis.url}`)
  process.once('SIGTERM', () => void redis.stop().then(() => process.exit(0)))
} catch (error) {
  console.log(`failed ${(error as Error).name}`)
  process.exit(1)
}
