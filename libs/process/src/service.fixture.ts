/** A process with two services for service.test.ts; says what happens, one word a line. Argument: how it behaves. */
import { createLifecycle, pause } from '@millrace/async'
import { createLogger } from './logging/logger.ts'
import { runServices, type Service } from './service.ts'

const mode = process.argv[2]
const say = (line: string) => console.log(line)

const service = (name: string): Service => ({
  name,
  ...createLifecycle({
    async begin() {
      if (mode === 'fail' && name === 'second') throw new Error('cannot start')
      say(`start ${name}`)
    },
    async end() {
      say(`stop ${name}`)
      if ((mode === 'stuck' || mode === 'told') && name === 'second') await pause(60_000)
    },
  }),
})

const logger = createLogger({ level: 'info', format: 'json' })
const keepAlive = setInterval(() => undefined, 1000)
try {
  const running = await runServices([service('first'), service('second')], logger)
  say('up')
  if (mode === 'told') void running.stop()
  if (mode === 'reject') void Promise.reject(new Error('nobody caught me'))
  process.exitCode = await running.done
} catch (error) {
  say(`failed: ${(error as Error).message}`)
  process.exitCode = 3
}
clearInterval(keepAlive)
