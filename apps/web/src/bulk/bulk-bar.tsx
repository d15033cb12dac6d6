/** What can be done with the jobs that are chosen, or with all that match. Shown above the list of jobs. */
import { useState } from 'preact/hooks'
import type { JobActionKind, JobFilter } from '@millrace/contracts'
import { Button } from '../parts/button.tsx'
import { words } from '../words/words.ts'
import { AllDialog } from './all-dialog.tsx'
import { SomeDialog } from './some-dialog.tsx'
import './bulk.css'

interface BulkBarProps {
  /** The jobs that are chosen. */
  ids: readonly string[]
  /** What all that match are; absent when nothing is asked of them, for then all jobs would be. */
  filter: JobFilter | undefined
  onNone(): void
  onDone(): void
}

const KINDS = ['retry', 'cancel', 'purge'] as const satisfies readonly JobActionKind[]

export function BulkBar({ ids, filter, onNone, onDone }: BulkBarProps) {
  const [begun, setBegun] = useState<{ kind: JobActionKind; of: readonly string[] | JobFilter }>()
  const close = (isDone: boolean): void => {
    setBegun(undefined)
    if (isDone) onDone()
  }
  const isSome = ids.length > 0
  if (!isSome && !filter) return null
  return (
    <div class="row">
      {isSome && <strong class="number">{words.jobs.selected(ids.length)}</strong>}
      {!isSome && filter && <span class="muted">{words.jobs.allMatching}</span>}
      {KINDS.map((kind) => (
        <Button
          key={kind}
          size="small"
          look={kind === 'purge' ? 'danger' : undefined}
          onClick={() => setBegun({ kind, of: isSome ? ids : (filter ?? {}) })}
        >
          {words.jobs.actions[kind]}
        </Button>
      ))}
      {isSome && (
        <Button size="small" look="quiet" onClick={onNone}>
          {words.jobs.selectNone}
        </Button>
      )}
      {begun &&
        (isIds(begun.of) ? (
          <SomeDialog kind={begun.kind} ids={begun.of} onClose={close} />
        ) : (
          <AllDialog kind={begun.kind} filter={begun.of} onClose={close} />
        ))}
    </div>
  )
}

const isIds = (of: readonly string[] | JobFilter): of is readonly string[] => Array.isArray(of)
