/** What stands where there is nothing to show: not yet, none, or a fault. Used by every screen. */
import type { ComponentChildren } from 'preact'
import type { CallError } from '../data/call.ts'
import { words } from '../words/words.ts'
import { Button } from './button.tsx'
import './notices.css'

export function Loading() {
  return <p class="notice muted">{words.shell.loading}</p>
}

interface EmptyProps {
  title: string
  /** What to do about it. */
  children?: ComponentChildren
}

export function Empty({ title, children }: EmptyProps) {
  return (
    <div class="notice empty">
      <h2>{title}</h2>
      {children}
    </div>
  )
}

/** Why something failed, in the words of the server where it has said any. */
export function FaultNotice({ fault, onRetry }: { fault: CallError; onRetry?: (() => void) | undefined }) {
  const { title, detail } = tell(fault)
  return (
    <div class="notice fault" role="alert">
      <div>
        <strong>{title}</strong>
        <p>{detail}</p>
      </div>
      {onRetry && (
        <Button size="small" onClick={onRetry}>
          {words.shell.retry}
        </Button>
      )}
    </div>
  )
}

function tell({ code, problem }: CallError): { title: string; detail: string } {
  if (problem) return problem
  return code === 'unreachable'
    ? { title: words.shell.unreachable, detail: words.shell.unreachableHint }
    : { title: words.shell.unreadable, detail: words.shell.unreadableHint }
}
