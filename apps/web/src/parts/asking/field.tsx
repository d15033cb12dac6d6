/** A control with its label, a hint and what is wrong with it. Used by forms. */
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import './field.css'

interface FieldProps {
  label: string
  hint?: ComponentChildren
  /** Why it was refused. */
  fault?: string | undefined
  /** Given the ids for the control and for what describes it. */
  children: (id: string, describedBy: string | undefined) => ComponentChildren
}

export function Field({ label, hint, fault, children }: FieldProps) {
  const id = useId()
  const told = `${id}-told`
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(id, hint || fault ? told : undefined)}
      {(hint || fault) && (
        <p id={told} class={fault ? 'field-fault' : 'muted small'}>
          {fault ?? hint}
        </p>
      )}
    </div>
  )
}
