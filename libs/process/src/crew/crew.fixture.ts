/**
 * A command that runs as a crew, for crew.test.ts. This file is both parent and member. The members answer on one port, and
 * the path of a request says what they must do. Argument: how they behave.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createLifecycle } from '@millrace/async'
import { createLogger } from '../logging/logger.ts'
import { createMetrics } from '../metrics.ts'
import { runServices, type RunningServices } from '../service.ts'
import { type CrewMember, joinCrew } from './crew-member.ts'
import { CrewParent, CrewStartError } from './crew-parent.ts'

const [mode = 'plain'] = process.argv.slice(2)
const logger = createLogger({ level: 'info', format: 'json' })
// oxlint-disable-next-line node/no-process-env -- a program of its own, started by a test
const member = joinCrew(process.env)
process.exitCode = await (member ? runMember(member) : runParent())
process.exit()

async function runParent(): Promise<number> {
  let running: RunningServices | undefined
  const crew = new CrewParent({
    size: 2,
    name: 'API',
    logger,
    silence: mode === 'watched' ? { everyMs: 50, looks: 2 } : undefined,
    onListening: (url) => logger.info({ url }, 'listens'),
    onHopeless: () => void running?.stop(7),
  })
  try {
    running = await runServices([crew], logger, { graceMs: mode === 'stuck' ? 0 : 5000 })
    return await running.done
  } catch (error) {
    return error instanceof CrewStartError ? error.exitCode : 1
  }
}

async function runMember(crew: CrewMember): Promise<number> {
  if (mode === 'fail' && crew.number === 2) return 9
  const metrics = createMetrics()
  const served = metrics.counter({ name: 'served_total', help: 'Requests.' })
  const bounds = { most: 3, mostInAll: 100 }
  const acts: Record<string, () => unknown> = {
    '/number': () => crew.number,
    '/pid': () => process.pid,
    '/count': () => served.inc(),
    '/metrics': () => crew.metricsOfAll(),
    '/health': () => crew.healthOfAll(),
    '/take': () => crew.take('somebody', bounds),
    '/leave': () => crew.leave('somebody'),
    '/hopeless': () => crew.hopeless(),
    '/block': () => {
      for (;;);
    },
  }
  const server: Server = createServer((request, response) => {
    void (async () => {
      const answer = await acts[request.url ?? '']?.()
      response.setHeader('connection', 'close').end(JSON.stringify(answer ?? null))
    })()
  })
  crew.introduce({
    metrics: () => metrics.snapshot(),
    health: async () => ({ ok: true, reasons: crew.number === 2 ? ['the second has a word'] : [] }),
  })
  const lifecycle = createLifecycle({
    async begin() {
      await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: crew.port ?? 0 }, resolve))
      const { port } = server.address() as AddressInfo
      crew.listening(`http://127.0.0.1:${port}`, port)
    },
    async end() {
      if (mode === 'stuck') await new Promise(() => undefined)
      await new Promise((resolve) => server.close(resolve))
      await crew.farewell()
    },
  })
  const running = await runServices([{ name: 'server', ...lifecycle }], logger, { graceMs: 60_000 })
  crew.onStop(() => void running.stop())
  return running.done
}
