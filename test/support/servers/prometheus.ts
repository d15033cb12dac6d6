/**
 * A real Prometheus for a test, on a free loopback port, in a folder of its own. It is killed with the test process. Used by the
 * tests of boards and alerts.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findProgram } from '@millrace/process'
import { debianRelease, unpackDebian } from '../packages/debian-packages.ts'
import { until } from '../until.ts'
import { freePort } from './redis-server.ts'

const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/millrace-prometheus', import.meta.url))

export interface Sample {
  metric: Record<string, string>
  value: number
}

export interface Alert {
  name: string
  /** Fires only after its `for`; until then it is pending. */
  state: 'pending' | 'firing'
  labels: Record<string, string>
  annotations: Record<string, string>
}

export interface PrometheusPrograms {
  prometheus: string
  promtool: string
}

/**
 * Those of the machine, or those of Debian's package, unpacked once into a folder that git ignores. Undefined where there are
 * none to be had: the caller skips what needs them.
 */
export function findPrometheus(): PrometheusPrograms | undefined {
  const [prometheus, promtool] = [
    findProgram(['prometheus'], process.env.PATH),
    findProgram(['promtool'], process.env.PATH),
  ]
  if (prometheus && promtool) return { prometheus, promtool }
  const release = debianRelease()
  if (release && !existsSync(CACHE)) {
    const making = `${CACHE}.${process.pid}`
    try {
      mkdirSync(making, { recursive: true })
      unpackDebian(making, [`prometheus/${release}`])
      renameSync(making, CACHE)
    } catch (error) {
      // Without a mirror, or somebody else was quicker.
      const why = error instanceof Error ? error.message.split('\n')[0] : String(error)
      if (!existsSync(CACHE)) console.warn(`There is no Prometheus, and it cannot be fetched: ${why}`)
    } finally {
      rmSync(making, { recursive: true, force: true })
    }
  }
  const bin = join(CACHE, 'usr/bin')
  return existsSync(bin) ? { prometheus: join(bin, 'prometheus'), promtool: join(bin, 'promtool') } : undefined
}

interface PrometheusOptions {
  /** Addresses such as `127.0.0.1:7070`, by the name of their job. */
  targets: Record<string, string[]>
  /** How often they are read and rules are evaluated. */
  everySeconds: number
  /** Rules as a file of Prometheus. Default: none. */
  rules?: string
}

export type Prometheus = Awaited<ReturnType<typeof startPrometheus>>

/** Resolves when it is ready. Rejects with what it said when it refuses its rules. */
export async function startPrometheus(program: string, options: PrometheusOptions) {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-prometheus-'))
  writeConfig(dir, options)
  const port = await freePort()
  const args = [`--config.file=${dir}/prometheus.yml`, `--storage.tsdb.path=${dir}/data`, '--log.level=error']
  const child = spawn(program, [...args, `--web.listen-address=127.0.0.1:${port}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (text) => (said += String(text)))
  const gone = once(child, 'exit')
  const endWithUs = (): boolean => child.kill('SIGKILL')
  process.once('exit', endWithUs)
  const url = `http://127.0.0.1:${port}`
  await until('Prometheus is ready', async () => {
    if (child.exitCode !== null) throw new Error(`Prometheus ended: ${said}`)
    return (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok
  })
  return {
    url,
    /** The value of each series now. Rejects when the expression cannot be read. */
    async query(expr: string): Promise<Sample[]> {
      const { result } = await ask<{ result: RawSample[] }>(`${url}/api/v1/query?query=${encodeURIComponent(expr)}`)
      return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }))
    },
    /** Those that are pending or fire. */
    async alerts(): Promise<Alert[]> {
      const { alerts } = await ask<{ alerts: Omit<Alert, 'name'>[] }>(`${url}/api/v1/alerts`)
      return alerts.map((alert) => ({ ...alert, name: alert.labels.alertname ?? '' }))
    },
    async stop(): Promise<void> {
      process.off('exit', endWithUs)
      child.kill('SIGKILL')
      await gone
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function writeConfig(dir: string, { targets, everySeconds, rules }: PrometheusOptions): void {
  const every = `${everySeconds * 1000}ms`
  const scrapes = Object.entries(targets).map(([job, addresses]) => ({
    job_name: job,
    static_configs: [{ targets: addresses }],
  }))
  const global = { scrape_interval: every, scrape_timeout: every, evaluation_interval: every }
  writeFileSync(join(dir, 'alerts.yaml'), rules ?? 'groups: []')
  const config = { global, rule_files: ['alerts.yaml'], scrape_configs: scrapes }
  writeFileSync(join(dir, 'prometheus.yml'), JSON.stringify(config))
}

interface RawSample {
  metric: Sample['metric']
  /** Time and value. */
  value: [number, string]
}

async function ask<Data>(url: string): Promise<Data> {
  const answer = (await (await fetch(url)).json()) as { data: Data; error?: string }
  if (answer.error !== undefined) throw new Error(`${answer.error} for ${decodeURIComponent(url)}`)
  return answer.data
}

/** What promtool says of metrics or rules; empty when all is well. Throws when it cannot read them. */
export function lint(promtool: string, args: string[], input: string): string {
  try {
    execFileSync(promtool, args, { input, stdio: ['pipe', 'pipe', 'pipe'] })
    return ''
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: Buffer; stderr?: Buffer }
    return `${stdout?.toString() ?? ''}${stderr?.toString() ?? ''}`.trim()
  }
}
