// Makes the tables about clients of other platforms: the line that leads each here, for docs/dialects.md, and what test/dialects has
// counted, for README.md. Called by render-files.ts.
import { DIALECTS } from '@millrace/api'

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
  platform: string
  version: string
  passes: number
  of: number
}

/** `rows`: JSON, as test/dialects/support/client-calls.ts writes it. */
export const renderClients = (rows: string): string =>
  [
    '| platform | client | version | calls that pass / calls there are |',
    '| --- | --- | --- | --- |',
    ...Object.entries(JSON.parse(rows) as Record<string, Row>).map(
      ([client, { platform, version, passes, of }]) => `| ${platform} | ${client} | ${version} | ${passes} / ${of} |`,
    ),
  ].join('\n')
