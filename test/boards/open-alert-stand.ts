/**
 * A whole Millrace with a Prometheus that knows its alerts, for faults that are to make them fire. Every `for` is one second here,
 * and what may wait for minutes may wait for two seconds; all else is as operators get it. Used by alerts-main.ts.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AuthorFolder, makeAuthorFolder, modelSource } from '../support/author-folder.ts'
import type { MillraceProcess } from '../support/processes/millrace-process.ts'
import { type Prometheus, startPrometheus } from '../support/servers/prometheus.ts'
import { freePort } from '../support/servers/redis-server.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { until } from '../support/until.ts'

const ROOT = new URL('../..', import.meta.url)
const MODEL = `input.text === 'no' ? input.text.boom()
  : input.text === 'crash' ? process.exit(1)
  : input.text === 'hang' ? new Promise(() => {})
  : { text: input.text.repeat(input.text === 'long' ? 20000 : 1) }`

export interface AlertStand {
  stack: Stack
  prometheus: Prometheus
  /** Starts a worker that has the model `shout`. Resolves when it is ready. */
  startShout(): Promise<MillraceProcess>
  /** Starts a worker whose one model cannot be loaded; like any worker it does the upkeep of all models. */
  startBroken(): MillraceProcess
  /** Where objects are kept. */
  files: string
  stop(): Promise<void>
}

export async function openAlertStand(program: string): Promise<AlertStand> {
  const [good, bad] = [makeAuthorFolder(), makeAuthorFolder()]
  good.save('shout/model.ts', modelSource({ name: 'shout', body: MODEL }))
  bad.save('broken/model.ts', modelSource({ name: 'broken', setup: "throw new Error('no weights')" }))
  const [ofGood, ofBad] = [await freePort(), await freePort()]
  const shared = { MILLRACE_WEBHOOK_ALLOW_HOSTS: '127.0.0.1', MILLRACE_API_PROCESSES: '2' }
  const stack = await startStack({ workers: 0, env: { ...shared, MILLRACE_MODELS: good.models } })
  const targets = { api: [new URL(stack.client.url).host], worker: [`127.0.0.1:${ofGood}`, `127.0.0.1:${ofBad}`] }
  const prometheus = await startPrometheus(program, { targets, everySeconds: 1, rules: hastened() })
  const startWorker = (folder: AuthorFolder, port: number) =>
    stack.startWorker({ MILLRACE_MODELS: folder.models, MILLRACE_WORKER_HEALTH_PORT: String(port) })
  return {
    ...{ stack, prometheus, files: join(stack.env.MILLRACE_DATA_DIR ?? '', 'files') },
    async startShout() {
      const worker = startWorker(good, ofGood)
      await stack.client.ready('shout')
      await until(
        'it is read',
        async () => (await prometheus.query('millrace_run_seconds_count{model="shout"}')).length,
      )
      return worker
    },
    startBroken: () => startWorker(bad, ofBad),
    async stop() {
      await prometheus.stop()
      await stack.stop()
      for (const folder of [good, bad]) folder.delete()
    },
  }
}

const hastened = (): string =>
  readFileSync(new URL('deploy/prometheus/alerts.yaml', ROOT), 'utf8')
    .replaceAll(/^( +for: ).*$/gm, '$11s')
    .replaceAll(/(_wait_seconds{.*}\)|_oldest_seconds\)) > \d+/g, '$1 > 2')
