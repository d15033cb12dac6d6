// Makes the tables of clients and the line that leads each here. Called by render-files.ts, for docs/dialects.md.
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
