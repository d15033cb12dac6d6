/** What the figures were measured on: they drift with it, the ratios hold. */
import { readFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { cpus, loadavg, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { findProgram, REDIS_SERVERS } from '@millrace/process'

const require = createRequire(import.meta.url)

/** Name and value, a line each. `python`: versions of the Python stack, when it was there. */
export function describeMachine(python: Record<string, string> = {}): [string, string][] {
  const cores = cpus()
  const packages = ['bullmq', 'ioredis', 'hono', '@hono/node-server', 'zod'].map((name) => `${name} ${versionOf(name)}`)
  const pythons = Object.entries(python).map(([name, version]) => `${name} ${version}`)
  return [
    ['Processor', `${cores[0]?.model ?? 'unknown'}, ${cores.length} cores`],
    ['Load', `${loadavg()[2]?.toFixed(1)} processes on average over the last 15 minutes, the bench included`],
    ['Memory', `${(totalmem() / 2 ** 30).toFixed(1)} GiB`],
    ['Node', `${process.versions.node}; ${packages.join(', ')}`],
    ['Redis', redisVersion()],
    ...(pythons.length > 0 ? ([['Python stack', pythons.join(', ')]] as [string, string][]) : []),
    ['Date', new Date().toISOString().slice(0, 10)],
  ]
}

function versionOf(name: string): string {
  // Not every package lets its manifest be imported, so it is looked for from its entry upwards.
  for (let folder = dirname(require.resolve(name)); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        name?: string
        version?: string
      }
      if (manifest.name === name && manifest.version !== undefined) return manifest.version
    } catch {
      // None here: one folder up.
    }
  }
  return 'unknown'
}

function redisVersion(): string {
  const program = findProgram(REDIS_SERVERS, process.env.PATH)
  return program
    ? (/v=(\S+)/.exec(execFileSync(program, ['--version'], { encoding: 'utf8' }))?.[1] ?? 'unknown')
    : 'none'
}
