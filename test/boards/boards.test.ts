/** What Millrace measures, as those see it who run it: metrics, their page, boards and alerts, over a real run and a real Prometheus. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { BOARDS } from '../../scripts/boards/render-boards.ts'
import { type AuthorFolder, makeAuthorFolder, modelSource } from '../support/author-folder.ts'
import { findPrometheus, lint, type Prometheus, startPrometheus } from '../support/servers/prometheus.ts'
import { freePort } from '../support/servers/redis-server.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../support/servers/webhook-receiver.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { until } from '../support/until.ts'
import { familyOf, type MetricFamily, metricsIn, readMetrics } from './read-metrics.ts'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const ALERTS = read('deploy/prometheus/alerts.yaml')

interface Rule {
  alert: string
  expr: string
  labels: { severity: string }
  annotations: { summary: string; description: string; runbook: string }
}
const rules = (parse(ALERTS) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules)
const queries = BOARDS.flatMap((board) =>
  board.panels.flatMap((panel) => panel.queries.map((query) => ({ board: board.name, panel: panel.title, ...query }))),
)

const programs = findPrometheus()
let folder: AuthorFolder
let stack: Stack
let receiver: WebhookReceiver
let prometheus: Prometheus | undefined
let texts: { API: string; worker: string }
let known: Map<string, MetricFamily>

beforeAll(async () => {
  folder = makeAuthorFolder()
  folder.save(
    'shout/model.ts',
    modelSource({ name: 'shout', body: "{ text: input.text === 'no' ? input.text.boom() : input.text }" }),
  )
  const port = await freePort()
  stack = await startStack({
    env: {
      ...{ MILLRACE_MODELS: folder.models, MILLRACE_WEBHOOK_ALLOW_HOSTS: '127.0.0.1', MILLRACE_API_PROCESSES: '2' },
      MILLRACE_WORKER_HEALTH_PORT: String(port),
    },
  })
  const { client } = stack
  const [api, worker] = [new URL(client.url).host, `127.0.0.1:${port}`]
  await client.ready('shout')
  if (programs) {
    const targets = { api: [api], worker: [worker] }
    prometheus = await startPrometheus(programs.prometheus, { targets, everySeconds: 0.5, rules: ALERTS })
    // A rate needs a value from before.
    await until('the worker is read', async () => (await prometheus?.query('millrace_run_seconds_count'))?.length)
  }
  receiver = await startWebhookReceiver()
  const run = (text: string) => client.run('shout', { text }, { webhook: `${receiver.url}/done`, max_attempts: 1 })
  await Promise.all(['yes', 'no', 'yes', 'yes'].map(run))
  await until('all webhooks came', () => receiver.got.length >= 4)
  const [ofApi, ofWorker] = await Promise.all(
    [api, worker].map(async (host) => (await fetch(`http://${host}/metrics`)).text()),
  )
  texts = { API: ofApi ?? '', worker: ofWorker ?? '' }
  known = new Map(Object.values(texts).flatMap((text) => [...readMetrics(text)]))
}, 90_000)
afterAll(async () => {
  await prometheus?.stop()
  await receiver.close()
  await stack.stop()
  folder.delete()
})

describe('metrics', () => {
  it('stand in docs/metrics.md, each with its type, who tells it, its labels and its help', () => {
    const rows = [
      ...read('docs/metrics.md').matchAll(/^\| `(millrace_\w+)` \| (\w+) \| ([\w, ]+) \| (.*?) \| (.*) \|$/gm),
    ]
    const documented = rows.map(([, name, type, from, , help]) => [name, type, from, help])
    const told = Object.entries(texts).map(([from, text]) => [from, readMetrics(text)] as const)
    const names = [...known.keys()].filter((name) => name.startsWith('millrace_')).toSorted()
    expect(documented).toEqual(
      names.map((name) => {
        const from = told.filter(([, families]) => families.has(name)).map(([who]) => who)
        return [name, known.get(name)?.type, from.join(', '), known.get(name)?.help.replaceAll('|', '\\|')]
      }),
    )
    const labelsOf = new Map(rows.map(([, name = '', , , labels = '']) => [name, labels]))
    for (const [name, { labels }] of known) {
      for (const label of labelsOf.has(name) ? labels : []) expect(labelsOf.get(name), name).toContain(`\`${label}\``)
    }
  })

  it.skipIf(!programs)('are named as Prometheus asks: promtool has nothing to say', () => {
    for (const text of Object.values(texts)) {
      const own = text.split('\n').filter((line) => line.includes('millrace_'))
      expect(lint(programs?.promtool ?? '', ['check', 'metrics'], `${own.join('\n')}\n`)).toBe('')
    }
  })
})

describe('boards and alerts', () => {
  it('name only metrics that are there', () => {
    const named = [...queries, ...rules].flatMap(({ expr }) => metricsIn(expr).map((name) => ({ name, expr })))
    expect(named.length).toBeGreaterThan(60)
    expect(named.filter(({ name }) => !known.has(name) && !known.has(familyOf(name)))).toEqual([])
  })

  it('say of each alert what it is, and the page says what to do', () => {
    const headings = [...read('docs/metrics.md').matchAll(/^#### (\w+)$/gm)].map(([, name]) => name)
    expect(headings).toHaveLength(rules.length)
    expect(new Set(headings)).toEqual(new Set(rules.map(({ alert }) => alert)))
    for (const { alert, labels, annotations } of rules) {
      expect(annotations.runbook).toBe(`docs/metrics.md#${alert.toLowerCase()}`)
      expect([annotations.summary, annotations.description].every((text) => text.length > 10)).toBe(true)
      expect(['critical', 'warning', 'info']).toContain(labels.severity)
    }
  })

  it.skipIf(!programs)(
    'are understood by Prometheus, and every panel has data and the labels that it shows',
    async () => {
      // No machine of the suite has devices that nvidia-smi knows.
      const without = new Set(['Device utilization', 'Device memory'])
      const ask = async ({ board, panel, expr, legend }: (typeof queries)[number]): Promise<string[]> => {
        const filled = expr.replaceAll('$__rate_interval', '30s').replaceAll('$model', '.*')
        const found = (await prometheus?.query(filled)) ?? []
        const labels = [...legend.matchAll(/{{(\w+)}}/g)].map(([, label = '']) => label)
        const where = `${board}: ${panel}: ${filled}`
        if (found.length === 0 && !without.has(panel)) return [`${where} has no data`]
        if (found.some(({ value }) => Number.isNaN(value))) return [`${where} gives no number`]
        return labels
          .filter((label) => found.some(({ metric }) => !(label in metric)))
          .map((label) => `${where} lacks ${label}`)
      }
      await until('all panels have data', async () => (await Promise.all(queries.map(ask))).flat().length === 0, {
        timeoutMs: 10_000,
      }).catch(() => undefined)
      expect((await Promise.all(queries.map(ask))).flat()).toEqual([])
    },
  )

  it.skipIf(!programs)('are quiet while all is well', async () => {
    for (const { expr } of rules) await prometheus?.query(expr)
    const loud = (await prometheus?.alerts())?.map(({ name }) => name)
    // A quarter of the runs failed.
    expect(new Set(loud)).toEqual(new Set(['MillraceFailures']))
  })
})
