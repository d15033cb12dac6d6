// Makes the tables about clients of other platforms: the line that leads each here and the calls that are not answered, for
// docs/dialects.md, and what test/dialects has counted, for README.md. Called by render-files.ts.
import { readdirSync } from 'node:fs'
import { DIALECTS } from '@millrace/api'

/** Where test/dialects/support/client-calls.ts writes a row for each client. */
const ROWS = 'test/dialects/client-rows'

export const renderDialects = (): string =>
  [
    '| platform | client | the line to change |',
    '| --- | --- | --- |',
    ...DIALECTS.flatMap(({ title, clients }) =>
      clients.map(({ client, change }) => `| ${title} | ${client} | \`${change.replaceAll('{base}', BASE)}\` |`),
    ),
  ].join('\n')

const BASE = 'https://ml.example.com'

interface Row {
  client: string
  platform: string
  version: string
  passes: number
  missing: Record<string, string>
}

/** `read`: the text of a file, by its path relative to the root. */
export const renderClients = (read: (path: string) => string): string =>
  [
    '| platform | client | version | calls that pass / calls there are |',
    '| --- | --- | --- | --- |',
    ...rowsOf(read).map(({ client, platform, version, passes, missing }) => {
      return `| ${platform} | ${client} | ${version} | ${passes} / ${passes + Object.keys(missing).length} |`
    }),
  ].join('\n')

/** What of them is not answered. `read` as above. */
export const renderMissingCalls = (read: (path: string) => string): string =>
  [
    '| client | call | why it is not answered |',
    '| --- | --- | --- |',
    ...rowsOf(read).flatMap(({ client, missing }) =>
      Object.entries(missing).map(([call, why]) => `| ${client} | \`${call}\` | ${why} |`),
    ),
  ].join('\n')

function rowsOf(read: (path: string) => string): Row[] {
  const names = readdirSync(new URL(`../${ROWS}/`, import.meta.url)).filter((name) => name.endsWith('.json'))
  const rows = names.map((name) => JSON.parse(read(`${ROWS}/${name}`)) as Row)
  const place = ({ platform, client }: Row): string => `${platform}\n${client}`.toLowerCase()
  return rows.toSorted((a, b) => (place(a) < place(b) ? -1 : 1))
}
