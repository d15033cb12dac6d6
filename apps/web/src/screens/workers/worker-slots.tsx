/** The slots of a worker by model and device, with what runs in each. Shown by worker-card.tsx. */
import type { WorkerView } from '@millrace/contracts'
import { Badge, type Tone } from '../../parts/badge.tsx'
import { Table } from '../../parts/table.tsx'
import { hrefOf } from '../../router/place.ts'
import { shortWorker } from '../../parts/text/short-worker.ts'
import { words } from '../../words/words.ts'

const text = words.workers
type Model = WorkerView['models'][number]

const SLOT_TONES: Record<string, Tone> = { idle: 'still', busy: 'busy', loading: 'warn', quarantined: 'bad' }
const SLOT_WORDS: Record<string, string> = {
  idle: text.idle,
  busy: text.busy,
  loading: text.loading,
  quarantined: text.quarantined,
}
const MODEL_WORDS: Record<string, string> = { loading: text.loading, failed: text.failed, draining: text.draining }

export function WorkerSlots({ worker }: { worker: WorkerView }) {
  if (worker.models.length === 0) return null
  return (
    <Table label={`${text.slot} ${shortWorker(worker.id)}`} head={[text.model, text.device, text.slot, text.job]}>
      {worker.models.map((model) => (
        <ModelRows key={model.label} model={model} />
      ))}
    </Table>
  )
}

function ModelRows({ model }: { model: Model }) {
  return (
    <>
      {model.slots.map((slot, index) => (
        <tr key={index}>
          <td>
            <ModelName model={model} />
          </td>
          <td translate={false}>{slot.device}</td>
          <td>
            <Badge tone={SLOT_TONES[slot.state] ?? 'still'}>{SLOT_WORDS[slot.state] ?? slot.state}</Badge>
          </td>
          <td>
            <JobLinks ids={slot.jobs} />
          </td>
        </tr>
      ))}
      {model.slots.length === 0 && (
        <tr>
          <td>
            <ModelName model={model} />
          </td>
          <td>{text.nothing}</td>
          <td>
            <Badge tone={model.state === 'failed' ? 'bad' : 'warn'}>{MODEL_WORDS[model.state] ?? model.state}</Badge>
          </td>
          <td class="wrap small" translate={false}>
            {model.reason}
          </td>
        </tr>
      )}
      {model.ahead.length > 0 && (
        <tr>
          <td>
            <ModelName model={model} />
          </td>
          <td>{text.nothing}</td>
          <td class="muted">{text.ahead}</td>
          <td>
            <JobLinks ids={model.ahead} />
          </td>
        </tr>
      )}
    </>
  )
}

function ModelName({ model: { name, label, version } }: { model: Model }) {
  return (
    <span translate={false}>
      {name ?? label} <span class="muted small">{version}</span>
    </span>
  )
}

function JobLinks({ ids }: { ids: readonly string[] }) {
  if (ids.length === 0) return <span class="muted">{text.nothing}</span>
  return (
    <span class="job-links" translate={false}>
      {ids.map((id) => (
        <a key={id} class="mono" href={hrefOf(['jobs', id])}>
          {id}
        </a>
      ))}
    </span>
  )
}
