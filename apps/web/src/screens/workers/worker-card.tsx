/** One worker: its state, its devices and slots, and the wish to drain it. Shown by workers-screen.tsx. */
import type { WorkerView } from '@millrace/contracts'
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { call } from '../../data/call.ts'
import { Ago } from '../../parts/ago.tsx'
import { Confirm } from '../../parts/asking/confirm.tsx'
import { useAction } from '../../parts/asking/use-action.ts'
import { Badge, type Tone } from '../../parts/badge.tsx'
import { Button } from '../../parts/button.tsx'
import { FaultNotice } from '../../parts/notices.tsx'
import { words } from '../../words/words.ts'
import { WorkerSlots } from './worker-slots.tsx'

const text = words.workers
const TONES: Record<string, Tone> = { up: 'good', draining: 'busy', drained: 'warn', stopping: 'warn', lost: 'bad' }

interface WorkerCardProps {
  worker: WorkerView
  /** The newest version that any worker runs. */
  newest: string | undefined
  onChange: () => void
}

export function WorkerCard({ worker, newest, onChange }: WorkerCardProps) {
  const { id, state, devices, millrace_version: version } = worker
  return (
    <article class="card stack worker-card">
      <header class="row">
        <h3 class="mono" translate={false}>
          {id}
        </h3>
        <Badge tone={TONES[state] ?? 'still'}>{text.states[state] ?? state}</Badge>
        <span class="push">
          <DrainButton worker={worker} onChange={onChange} />
        </span>
      </header>
      <dl class="facts small">
        <Fact name={text.beat}>
          <Ago at={worker.last_beat_at} />
        </Fact>
        <Fact name={text.started}>
          <Ago at={worker.started_at} />
        </Fact>
        <Fact name={text.version}>
          <span translate={false}>{version}</span>{' '}
          {newest !== undefined && version !== newest && <Badge tone="warn">{text.skew(newest)}</Badge>}
        </Fact>
        <Fact name={text.pid}>{worker.pid}</Fact>
        <Fact name={text.held}>{worker.held}</Fact>
        {devices
          .filter(({ name }) => name !== null)
          .map((one) => (
            <Fact key={one.device} name={one.device} isData>
              <span translate={false}>{one.name}</span>
              {usedOf(one).map((fact) => ` · ${fact}`)}
            </Fact>
          ))}
      </dl>
      <WorkerSlots worker={worker} />
    </article>
  )
}

/** How large the memory of a device is, how much of it is used, and how busy it is, as far as that is known. */
function usedOf({ memory_bytes: all, memory_used_bytes: used, utilization }: WorkerView['devices'][number]): string[] {
  const gigabytes = (bytes: number) => text.gigabytes((bytes / 1e9).toFixed(0))
  const memory = all === null ? [] : [used === null ? gigabytes(all) : text.usedOf(gigabytes(used), gigabytes(all))]
  return [...memory.map(text.memory), ...(utilization === null ? [] : [text.busyFor(Math.round(utilization * 100))])]
}

interface FactProps {
  name: string
  /** Whether its name is what the worker said. */
  isData?: boolean
  children: ComponentChildren
}

function Fact({ name, isData = false, children }: FactProps) {
  return (
    <div class="fact">
      <dt translate={!isData}>{name}</dt>
      <dd class="number">{children}</dd>
    </div>
  )
}

function DrainButton({ worker: { id, state }, onChange }: { worker: WorkerView; onChange: () => void }) {
  const [isAsked, setAsked] = useState(false)
  const { isBusy, fault, run } = useAction()
  if (state === 'lost' || state === 'stopping') return null
  const wish = async (what: 'drain' | 'resume'): Promise<void> => {
    await call(`v1/workers/${encodeURIComponent(id)}/${what}`, { method: 'POST' })
    onChange()
  }
  return (
    <>
      {state === 'up' ? (
        <Button size="small" onClick={() => setAsked(true)}>
          {text.drain}
        </Button>
      ) : (
        <Button size="small" busy={isBusy} onClick={() => run(() => wish('resume'))}>
          {text.resume}
        </Button>
      )}
      {fault && <FaultNotice fault={fault} />}
      {isAsked && (
        <Confirm
          title={text.drainTitle}
          action={text.drain}
          look="main"
          onConfirm={() => wish('drain')}
          onClose={() => setAsked(false)}
        >
          {text.drainHint}
        </Confirm>
      )}
    </>
  )
}
