/**
 * Checks the settings: says which ones do not work, and gives the rest, so that the other checks can go on. Called by
 * run-checks.ts.
 */
import { assertSafeToListen, type Config, ConfigError, loadConfig } from '@millrace/process'
import { fail, type Finding, ok } from './finding.ts'

type Env = Readonly<Record<string, string | undefined>>

export interface CheckedSettings {
  findings: Finding[]
  /** The settings that work. All others have their defaults. */
  config: Config
}

/** `serves`: an API will listen with these settings. */
export function checkSettings(env: Env, { serves }: { serves: boolean }): CheckedSettings {
  const faults = [...faultsOf(() => loadConfig(env))]
  const config = faults.length === 0 ? loadConfig(env) : usableConfig(env)
  if (serves) faults.push(...faultsOf(() => assertSafeToListen(config)))
  const mend = 'Correct or remove it; .env.example lists every setting.'
  const findings = faults.map((fault) => fail('settings', sentence(fault), mend))
  return { config, findings: findings.length > 0 ? findings : [ok('settings', 'Every setting is known and fits.')] }
}

function faultsOf(act: () => unknown): string[] {
  try {
    act()
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

/** Keeps each variable that works alone. When they do not work together, none is kept. */
function usableConfig(env: Env): Config {
  const working = Object.entries(env).filter(
    ([name, value]) => faultsOf(() => loadConfig({ [name]: value })).length === 0,
  )
  const kept = Object.fromEntries(working)
  return faultsOf(() => loadConfig(kept)).length === 0 ? loadConfig(kept) : loadConfig({})
}

const sentence = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`)
