/** A process for line-gatherer.test.ts: logs, then does nothing but wait until it is told something, logs again and exits. */
import { readSync } from 'node:fs'
import { createLogger } from './logger.ts'

const logger = createLogger({ level: 'info', format: 'json' })
logger.info('first')
logger.warn('second')
// The event loop stands still here, so nothing that waits for a timer is written.
readSync(0, Buffer.alloc(1))
logger.info('third')
createLogger({ level: 'info', format: 'json' }).info('fourth')
process.exit(0)
