/**
 * What a daemon of Docker leaves behind in the network of a machine when it ends: rules, a bridge, a switch. Called by
 * own-engine.ts, which starts one on a machine that had none.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const FORWARD = '/proc/sys/net/ipv4/ip_forward'
const TABLES = ['filter', 'nat', 'raw']

export interface NetworkRules {
  /** Makes it as it was. Tables that had rules before are left alone: whose they are now cannot be told. */
  restore(): void
}

/** `env` is that of the engine, whose iptables is used. */
export function rememberNetwork(env: NodeJS.ProcessEnv): NetworkRules {
  const iptables = (...args: string[]): string => {
    try {
      return execFileSync('iptables', args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    } catch {
      return ''
    }
  }
  const policies = (table: string): string[] => iptables('-t', table, '-S').split('\n').filter(Boolean)
  const before = new Map(TABLES.map((table) => [table, policies(table)]))
  const forwarded = readFileSync(FORWARD, 'utf8')
  return {
    restore() {
      for (const [table, lines] of before) {
        if (lines.some((line) => !line.startsWith('-P '))) continue
        iptables('-t', table, '-F')
        iptables('-t', table, '-X')
        for (const line of lines) iptables('-t', table, ...line.split(' '))
      }
      writeFileSync(FORWARD, forwarded)
      try {
        execFileSync('ip', ['link', 'delete', 'docker0'], { stdio: 'ignore' })
      } catch {
        // It was never made, or there is no `ip`.
      }
    },
  }
}
