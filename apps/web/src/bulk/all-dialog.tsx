/** An action on all jobs that match: counted, confirmed by number where there are many, and followed to its end. Shown by lists of jobs and failures. */
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { JobAction, JobActionKind, JobFilter } from '@millrace/contracts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { FaultNotice, Loading } from '../parts/notices.tsx'
import { words } from '../words/words.ts'
import { ActionRun } from './action-run.ts'

interface AllDialogProps {
  kind: JobActionKind
  filter: JobFilter
  /** `isDone`: something was changed. */
  onClose(isDone: boolean): void
}

/** From here on a click is not enough: there is no way back. */
const MANY = 100

export function AllDialog({ kind, filter, onClose }: AllDialogProps) {
  const run = useMemo(() => new ActionRun(kind, filter), [])
  useEffect(() => {
    void run.count()
    return () => run.close()
  }, [run])
  const step = run.step.value
  const isDone = step.at === 'running' || step.at === 'ended'
  return (
    <Dialog title={words.bulk.title[kind]} onClose={() => onClose(isDone)}>
      {step.at === 'counting' && <p role="status">{words.bulk.counting}</p>}
      {step.at === 'asking' && (
        <Confirm
          key={step.matched}
          kind={kind}
          matched={step.matched}
          isAgain={step.isAgain}
          onConfirm={() => void run.confirm(step.matched)}
          onClose={() => onClose(false)}
        />
      )}
      {step.at === 'running' && <Running action={step.action} onCancel={() => void run.cancel()} />}
      {step.at === 'ended' && (
        <>
          <Told action={step.action} />
          <div class="row dialog-foot">
            <Button look="main" onClick={() => onClose(true)}>
              {words.shell.close}
            </Button>
          </div>
        </>
      )}
      {step.at === 'failed' && <FaultNotice fault={step.fault} onRetry={() => void run.count()} />}
      {step.at === 'running' && step.action.matched === null && <Loading />}
    </Dialog>
  )
}

interface ConfirmProps {
  kind: JobActionKind
  matched: number
  isAgain: boolean
  onConfirm(): void
  onClose(): void
}

function Confirm({ kind, matched, isAgain, onConfirm, onClose }: ConfirmProps) {
  const [typed, setTyped] = useState('')
  const isSure = matched <= MANY || typed.replaceAll(/[\s.,’']/g, '') === String(matched)
  if (matched === 0) {
    return (
      <>
        <p role="status">{words.bulk.none}</p>
        <div class="row dialog-foot">
          <Button onClick={onClose}>{words.shell.close}</Button>
        </div>
      </>
    )
  }
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault()
        if (isSure) onConfirm()
      }}
    >
      {isAgain && <p class="notice-line">{words.bulk.again}</p>}
      <p>
        <strong class="bulk-count number">{words.bulk.matched(matched)}</strong>
      </p>
      <p class="muted">{words.bulk.means[kind]}</p>
      {matched > MANY && (
        <label class="stack-small">
          <span>{words.bulk.typeNumber(matched)}</span>
          <input
            class="input"
            inputMode="numeric"
            autocomplete="off"
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
      )}
      <div class="row dialog-foot">
        <Button onClick={onClose}>{words.bulk.back}</Button>
        <Button type="submit" look={kind === 'retry' ? 'main' : 'danger'} disabled={!isSure}>
          {words.bulk.doIt[kind](matched)}
        </Button>
      </div>
    </form>
  )
}

function Running({ action, onCancel }: { action: JobAction; onCancel(): void }) {
  return (
    <>
      <Told action={action} />
      <div class="row dialog-foot">
        <Button busy={action.status === 'stopping'} onClick={onCancel}>
          {words.bulk.stop}
        </Button>
      </div>
    </>
  )
}

/** How far it is, and what was left as it is and why. */
function Told({ action }: { action: JobAction }) {
  const { matched, done, skipped, skipped_by, failed, stopping, status, action: kind } = action
  const told = done + skipped + failed
  return (
    <div class="stack-small" role="status">
      <progress aria-label={words.bulk.progress} value={told} max={Math.max(1, matched ?? told)} />
      <p>
        <strong>{words.bulk.statuses[status] ?? status}</strong>{' '}
        <span class="number">{words.bulk.done[kind](done, matched ?? told)}</span>
      </p>
      {stopping > 0 && <p class="muted">{words.bulk.stopping(stopping)}</p>}
      {Object.entries(skipped_by).map(([reason, count]) => (
        <p key={reason} class="muted number">
          {words.bulk.skipped(count ?? 0, words.bulk.reasons[reason as keyof typeof words.bulk.reasons] ?? reason)}
        </p>
      ))}
      {failed > 0 && <p class="muted number">{words.bulk.unreadable(failed)}</p>}
    </div>
  )
}
