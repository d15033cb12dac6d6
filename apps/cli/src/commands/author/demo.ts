/**
 * `millrace demo`: sends a real scan through the ocr model and the HTTP API. It needs nothing set up, and leaves the server
 * running.
 */
import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { assertSafeToListen, type Config, createLogger, type RunningServices, runServices } from '@millrace/process'
import { CommandError } from '../../command/command-error.ts'
import type { Command } from '../../command/command.ts'
import { DemoClient } from '../../demo/demo-client.ts'
import { readScan } from '../../demo/read-scan.ts'
import { freePortFrom } from '../../redis/free-port.ts'
import { requireDataFolder } from '../../services/require-data-folder.ts'
import { assertRedisAnswers } from '../../services/require-redis.ts'
import { allServices } from '../../services/services.ts'
import { LISTEN_FLAGS } from '../../services/service-flags.ts'

const DEADLINE_MS = 120_000

export const demoCommand: Command = {
  name: 'demo',
  about: 'Start everything, read a scan with the ocr model, and leave the server up.',
  flags: [{ name: 'exit', type: 'boolean', about: 'Stop the server when the scan is read.' }, ...LISTEN_FLAGS],
  async run({ config: load, flags, env }) {
    const config = await onFreePort(withScan(load()))
    assertSafeToListen(config)
    await requireDataFolder(config)
    await assertRedisAnswers(config, 'demo')
    // The demo shows its own lines, so the log has warnings only, unless the user asked for more.
    const level = config.logLevel === 'info' ? 'warn' : config.logLevel
    const logger = createLogger({ level, format: config.logFormat })
    const signal = AbortSignal.timeout(DEADLINE_MS)

    console.log('Starting Redis, API and worker …')
    let url = ''
    const services = allServices(config, {
      logger,
      env,
      onApi: (address) => {
        url = address
      },
    })
    const running = await runServices(services, logger, { graceMs: config.drainSeconds * 1000 })
    try {
      const finished = showScan(config, new DemoClient(url, config.apiKey, signal))
      // Ctrl-C during the demo ends it in order too.
      const code = await Promise.race([finished, running.done])
      if (code !== undefined) return code
    } catch (error) {
      await running.stop(1)
      throw signal.aborted ? new CommandError('demo', `The demo took more than ${DEADLINE_MS / 1000} seconds`) : error
    }
    return leaveUp(running, url, flags.exit === true)
  },
}

/** The model and its scan are too large for the package of the command. */
function withScan(config: Config): Config {
  if (existsSync(join(config.models, 'ocr'))) return config
  throw new CommandError(
    'demo',
    `The demo reads a scan with the ocr model of Millrace's repository, which is not in ${config.models}. ` +
      'To begin with a model of your own: `millrace new shout`, then `millrace dev`.',
  )
}

async function onFreePort(config: Config): Promise<Config> {
  if (config.port === 0) return config
  const port = await freePortFrom(config.port, config.host)
  if (port === undefined)
    throw new CommandError('port', `Port ${config.port} of ${config.host} and those after it are taken`)
  if (port !== config.port) console.log(`Port ${config.port} is taken, using ${port}`)
  return { ...config, port }
}

async function showScan(config: Config, client: DemoClient): Promise<undefined> {
  const here = (path: string) => relative(process.cwd(), path) || path
  const scan = join(config.models, 'ocr', 'samples', 'scan.png')
  await client.modelReady('ocr')
  console.log(`Sending ${here(scan)} to the ocr model of ${client.url}\n`)
  const result = await readScan(client, scan, {
    folder: join(config.dataDir, 'demo'),
    onLine: (line) => console.log(`  ${line}`),
  })
  console.log(`\nThe text, read in ${result.seconds.toFixed(1)} s:\n`)
  console.log(result.text.trim().replace(/^/gm, '  '))
  console.log(`\nSearchable PDF: ${here(result.pdfPath)}`)
  console.log(`\nTry it yourself:\n  ${client.curl('ocr', `image=@${here(scan)}`)}`)
}

async function leaveUp(running: RunningServices, url: string, exit: boolean): Promise<number> {
  if (exit) {
    await running.stop()
  } else {
    console.log(
      `\nMillrace is up at ${url}: open it to run models. Its API's page is ${url}/docs. Ctrl-C stops it; accepted jobs are kept.`,
    )
  }
  return running.done
}
