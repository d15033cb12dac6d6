/**
 * Makes the banner of `millrace dev`: the addresses, the models and a first request. Shown by AuthorScreen once the models
 * have loaded.
 */
import { exampleRequest } from '../schema/example-request.ts'
import type { ShownModel } from './shown-models.ts'
import { typed } from '../command/typed.ts'

export interface Banner {
  /** The address of the API. */
  url: string
  models: readonly ShownModel[]
  /** Whether requests need an API key. */
  withKey: boolean
  /** Whether the web page is served there. */
  withPage: boolean
}

const STATES: Record<ShownModel['state'], string> = {
  loading: 'still loading',
  ready: 'ready',
  failed: 'does not load, see above',
}

export function renderBanner({ url, models, withKey, withPage }: Banner): string {
  const table = tableOf(models)
  const first = models.find(({ manifest }) => manifest)?.manifest
  return [
    '',
    `Millrace is up at ${url}`,
    ...(withPage ? ['Open it to run models and watch jobs.'] : []),
    `The API's page is ${url}/docs`,
    '',
    ...(table.length > 0 ? table : [`  no model yet: \`${typed('new NAME')}\` makes one`]),
    '',
    ...(first ? ['Try it:', `  ${exampleRequest(url, first, withKey)}`, ''] : []),
    'Save a file of a model and it is loaded again. Ctrl-C stops; accepted jobs are kept.',
    '',
  ].join('\n')
}

function tableOf(models: readonly ShownModel[]): string[] {
  const rows = models.map(({ label, state, manifest }) => ({
    name: manifest?.name ?? label,
    version: manifest?.version ?? '-',
    state: STATES[state],
  }))
  const nameWidth = Math.max(0, ...rows.map(({ name }) => name.length))
  const versionWidth = Math.max(0, ...rows.map(({ version }) => version.length))
  return rows.map(
    ({ name, version, state }) => `  ${name.padEnd(nameWidth)}  ${version.padEnd(versionWidth)}  ${state}`,
  )
}
