/**
 * Where the chart of deploy/helm takes each setting from. What it does not name here is a key of `settings`. Called by
 * chart-values.ts for the schema of the values, and by render-chart.ts for docs/kubernetes.md.
 */
import { settings } from '@millrace/process'

/** Settings that the chart gives by itself, and from which value. */
const PLACES: Readonly<Record<string, string>> = {
  MILLRACE_PORT: 'fixed: 7070, as in the images',
  MILLRACE_HOST: 'fixed: 0.0.0.0, as in the images',
  MILLRACE_PUBLIC_URL: '`publicUrl`, or the first host of `ingress`',
  MILLRACE_API_KEY: '`secrets.apiKey`',
  MILLRACE_DATA_DIR: 'fixed: /data, as in the images',
  MILLRACE_MODELS: '`workers[].modelFolders`',
  MILLRACE_SLOTS: '`workers[].slots`, or `workers[].gpus`',
  REDIS_URL: '`secrets.redis`',
  MILLRACE_DRAIN_SECONDS: '`api.drainSeconds`, `workers[].drainSeconds`',
  MILLRACE_WORKER_HEALTH_PORT: 'fixed: 7071, as in the images',
  MILLRACE_URL: 'of clients: not set',
}

/** Names of the settings that may be given as `settings.NAME`. */
export const openSettings = (): { env: string; description: string }[] =>
  settings().filter(({ env, secret }) => !Object.hasOwn(PLACES, env) && secret !== true)

/** Each setting with the place of its value, in Markdown. Throws when a place names a setting that is none. */
export function settingPlaces(): [name: string, place: string][] {
  const names = settings().map(({ env }) => env)
  const strangers = Object.keys(PLACES).filter((name) => !names.includes(name))
  if (strangers.length > 0) throw new Error(`The chart names ${strangers.join(', ')}, which is not a setting`)
  return names.map((name) => [name, PLACES[name] ?? `\`settings.${name}\``])
}
