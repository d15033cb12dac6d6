/**
 * Loads the module that MILLRACE_HOOKS names. Called at the start of the API and of the worker, and by `millrace doctor`: with a
 * module that cannot be loaded nothing starts, for jobs would pass that a hook was to see.
 */
import { pathToFileURL } from 'node:url'
import { within } from '@millrace/async'
import { type Config, ConfigError } from '@millrace/process'
import type { Hooks } from './define-hooks.ts'

/** Its own imports, and what it awaits at its top level. Milliseconds. */
const LOAD_MS = 10_000
const NAMES = ['beforeSubmit', 'afterEnd'] as const

/** Undefined when none are named. Rejects with ConfigError, in one line. */
export async function openConfiguredHooks({ hooks: path }: Pick<Config, 'hooks'>): Promise<Hooks | undefined> {
  if (path === undefined) return undefined
  const late = () => new Error(`it took longer than ${LOAD_MS / 1000} s`)
  const module = await within(load(path), LOAD_MS, late).catch((error: unknown) => {
    throw fault(path, `could not be loaded: ${firstLine(error)}`)
  })
  return hooksOf(module, path)
}

/** TypeScript is loaded by tsx, in a space of its own; what is JavaScript already, as it is. */
async function load(path: string): Promise<unknown> {
  const { href } = pathToFileURL(path)
  if (!/\.[cm]?tsx?$/.test(path)) return import(href)
  const { tsImport } = await import('tsx/esm/api')
  return tsImport(href, import.meta.url)
}

function hooksOf(module: unknown, path: string): Hooks {
  const exported = defaultOf(module)
  // What was made CommonJS of a module shows all its exports as the default one.
  const given = isObject(exported) && exported['__esModule'] === true ? exported['default'] : exported
  if (!isObject(given)) throw fault(path, 'has no hooks as its default export: `export default defineHooks({ … })`')
  const unknown = Object.keys(given).filter((name) => !NAMES.some((known) => known === name))
  if (unknown.length > 0) throw fault(path, `exports ${unknown[0]}; there is ${NAMES.join(' and ')}`)
  const named = NAMES.filter((name) => given[name] !== undefined)
  const odd = named.find((name) => typeof given[name] !== 'function')
  if (odd !== undefined) throw fault(path, `exports ${odd}, which is no function`)
  if (named.length === 0) throw fault(path, `exports neither ${NAMES.join(' nor ')}`)
  return given as Hooks
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const defaultOf = (module: unknown): unknown => (isObject(module) ? module['default'] : undefined)
const fault = (path: string, what: string): ConfigError => new ConfigError([`MILLRACE_HOOKS: ${path} ${what}`])

function firstLine(error: unknown): string {
  const lines = (error instanceof Error ? error.message : String(error)).split('\n').map((line) => line.trim())
  return lines.find((line) => line !== '')?.slice(0, 300) ?? 'it threw'
}
