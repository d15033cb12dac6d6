/** How the schemas of the current version differ from those of another one. Shown by version-notes.tsx. */
import type { ModelView } from '@millrace/client'
import { useId, useState } from 'preact/hooks'
import { usePoll } from '../../data/use-poll.ts'
import { Badge } from '../../parts/badge.tsx'
import { ShowPolled } from '../../parts/polled.tsx'
import { Table } from '../../parts/table.tsx'
import { words } from '../../words/words.ts'
import { compareSchemas, type FieldChange } from './compare-schemas.ts'

const text = words.versions
/** A manifest does not change. */
const PACE_MS = 3_600_000
const TONES = { added: 'good', removed: 'bad', changed: 'warn' } as const

interface SchemaChangesProps {
  model: ModelView
  /** The newest first. */
  versions: readonly string[]
}

export function SchemaChanges({ model, versions }: SchemaChangesProps) {
  const others = versions.filter((version) => version !== model.version)
  const [chosen, setChosen] = useState(others[0])
  const id = useId()
  if (chosen === undefined) return null
  return (
    <section class="stack-small">
      <h2>{text.changes(model.version)}</h2>
      <div class="row">
        <label for={id}>{text.since}</label>
        <select
          id={id}
          class="input"
          value={chosen}
          translate={false}
          onChange={(event) => setChosen(event.currentTarget.value)}
        >
          {others.map((version) => (
            <option key={version}>{version}</option>
          ))}
        </select>
      </div>
      <Changes key={chosen} before={chosen} model={model} />
    </section>
  )
}

function Changes({ before, model }: { before: string; model: ModelView }) {
  const older = usePoll<ModelView>(
    `v1/models/${encodeURIComponent(model.name)}?version=${encodeURIComponent(before)}`,
    PACE_MS,
  )
  return (
    <ShowPolled of={older}>
      {(found) => {
        const changes = [
          ...changesOf(text.input, found.input_schema, model.input_schema),
          ...changesOf(text.output, found.output_schema, model.output_schema),
        ]
        return changes.length === 0 ? (
          <p class="muted">{text.same}</p>
        ) : (
          <Table label={text.changes(model.version)} head={[text.field, text.change, text.before, text.after]}>
            {changes.map(({ of, path, kind, before: was, after }) => (
              <tr key={`${of} ${path}`}>
                <td>
                  {of}{' '}
                  <span class="mono" translate={false}>
                    {path}
                  </span>
                </td>
                <td>
                  <Badge tone={TONES[kind]}>{text.changeKinds[kind]}</Badge>
                </td>
                <td class="wrap small" translate={false}>
                  {was}
                </td>
                <td class="wrap small" translate={false}>
                  {after}
                </td>
              </tr>
            ))}
          </Table>
        )
      }}
    </ShowPolled>
  )
}

const changesOf = (of: string, before: unknown, after: unknown): (FieldChange & { of: string })[] =>
  compareSchemas(before, after).map((change) => ({ ...change, of }))
