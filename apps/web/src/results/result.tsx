/** A result as what it is: text, picture, sound, film, table, file, JSON. Shown by the playground and by the page of a job. */
import { isObject, type Json, JsonNumber, writeJson } from '../json/json.ts'
import { Button } from '../parts/button.tsx'
import { words } from '../words/words.ts'
import { useState } from 'preact/hooks'
import { FileResult } from './file-result.tsx'
import { JsonTree } from './json-tree.tsx'
import { schemaOfField, shapeOf } from './shape-of.ts'
import { TextResult } from './text-result.tsx'
import './results.css'

interface ResultProps {
  value: Json
  /** The schema of the output, as far as it is known. */
  schema?: unknown
  /** A picture of the input, to compare a picture of the output with. */
  before?: string | undefined
  /** Addresses of files have ended: they are to be read anew. */
  onStale?: (() => void) | undefined
  depth?: number
}

export function Result({ value, schema, before, onStale, depth = 0 }: ResultProps) {
  const shape = shapeOf(value, schema, depth)
  switch (shape.kind) {
    case 'text':
      return <TextResult text={shape.text} />
    case 'scalar':
      return <p class="scalar mono">{shape.text}</p>
    case 'file':
      return <FileResult file={shape.file} before={before} onStale={onStale} />
    case 'files':
      return (
        <div class="gallery">
          {shape.files.map((file) => (
            <FileResult key={file.id} file={file} onStale={onStale} />
          ))}
        </div>
      )
    case 'table':
      return <TableResult columns={shape.columns} rows={shape.rows} />
    case 'fields':
      return (
        <dl class="result-fields">
          {[...shape.fields].map(([name, part]) => (
            <div key={name} class={isShort(part) ? 'short' : undefined}>
              <dt translate={false}>{name}</dt>
              <dd>
                <Result {...{ before, onStale }} value={part} schema={schemaOfField(schema, name)} depth={depth + 1} />
              </dd>
            </div>
          ))}
        </dl>
      )
    case 'nothing':
      return <p class="muted">{words.results.nothing}</p>
    case 'tree':
      return <JsonTree value={shape.value} />
  }
}

/** What fits beside its name. */
const isShort = (value: Json): boolean =>
  typeof value === 'string' ? value.length <= 60 && !value.includes('\n') : !isObject(value) && !Array.isArray(value)

/** Rows that are shown at first. */
const ROWS = 100

function TableResult({ columns, rows }: { columns: string[]; rows: ReadonlyMap<string, Json>[] }) {
  const [most, setMost] = useState(ROWS)
  return (
    <div>
      <div class="table-scroll" tabIndex={0} role="region" aria-label={words.results.table}>
        <table class="result-table">
          <thead>
            <tr>
              {columns.map((name) => (
                <th key={name} scope="col" translate={false}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, most).map((row, at) => (
              <tr key={at}>
                {columns.map((name) => (
                  <td key={name} class={row.get(name) instanceof JsonNumber ? 'number' : undefined}>
                    {cellText(row.get(name))}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > most && (
        <Button size="small" onClick={() => setMost(most * 10)}>
          {words.results.moreRows(rows.length - most)}
        </Button>
      )}
    </div>
  )
}

const cellText = (value: Json | undefined): string =>
  value === undefined ? '' : typeof value === 'string' ? value : writeJson(value)
