/** What stands below the versions of a model: schemas they share and how these differ, what happened, the manifest. Shown by versions-screen.tsx. */
import type { ModelView, SteeringEventView, VersionList } from '@millrace/client'
import { Ago } from '../../parts/ago.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import { Table } from '../../parts/table.tsx'
import { words } from '../../words/words.ts'
import { SchemaChanges } from './schema-changes.tsx'
import './versions.css'

const text = words.versions

export function VersionNotes({ list, model }: { list: VersionList; model: ModelView | undefined }) {
  const manifest = model === undefined ? '' : JSON.stringify(manifestOf(model), null, 2)
  return (
    <>
      <section class="stack-small">
        <h2>{text.contracts}</h2>
        <p class="muted">{text.contractsHint}</p>
        <Table label={text.contracts} head={[text.contract, text.served, text.workers, text.queued]}>
          {list.contracts.map(({ contract, versions, workers, queued, note }) => (
            <tr key={contract}>
              <td class="mono" translate={false}>
                {contract}
              </td>
              <td>
                <span translate={false}>{versions.join(', ')}</span>
                {note !== null && <p class="small muted">{note}</p>}
              </td>
              <td class="number">{workers}</td>
              <td class="number">{queued?.toLocaleString('en') ?? text.nothing}</td>
            </tr>
          ))}
        </Table>
      </section>
      {model !== undefined && model.version !== '' && (
        <SchemaChanges model={model} versions={list.data.map(({ version }) => version)} />
      )}
      {list.events.length > 0 && (
        <section class="stack-small">
          <h2>{text.events}</h2>
          <ol class="card version-events">
            {list.events.map((event) => (
              <li key={`${event.at} ${event.type}`} class="row">
                <span class="muted">
                  <Ago at={event.at} />
                </span>
                <VersionEvent event={event} />
              </li>
            ))}
          </ol>
        </section>
      )}
      {manifest !== '' && (
        <details class="stack-small">
          <summary>{text.manifest}</summary>
          <div class="manifest">
            <CopyButton text={manifest} />
            <pre class="card" translate={false} tabIndex={0}>
              {manifest}
            </pre>
          </div>
        </details>
      )}
    </>
  )
}

function VersionEvent({ event: { type, version, shares = [], failed, jobs } }: { event: SteeringEventView }) {
  return (
    <>
      {version !== undefined && (
        <strong class="mono" translate={false}>
          {version}
        </strong>
      )}
      <span>{text.kinds[type] ?? type}</span>
      {shares.map((share) => (
        <span key={share.version} class="muted number">
          <span translate={false}>{share.version}</span> {text.share(share.share)}
        </span>
      ))}
      {failed !== undefined && jobs !== undefined && <span class="muted">{text.returned(failed, jobs)}</span>}
    </>
  )
}

/** What the server counts, and not the author wrote. */
const COUNTED = new Set(['object', 'state', 'reason', 'ready', 'workers', 'queued', 'running', 'paused', 'urls'])

const manifestOf = (model: ModelView): object =>
  Object.fromEntries(Object.entries(model).filter(([name]) => !COUNTED.has(name)))
