/** Asks before something is done that cannot be undone; above a hundred its number has to be typed. Used by screens. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { words } from '../../words/words.ts'
import { Button } from '../button.tsx'
import { Dialog } from '../dialog.tsx'
import { Field } from './field.tsx'
import { FaultNotice } from '../notices.tsx'
import { useAction } from './use-action.ts'

interface ConfirmProps {
  title: string
  /** What will happen, in one or two sentences. */
  children: ComponentChildren
  /** The word on the button, such as Delete. */
  action: string
  look?: 'main' | 'danger'
  /** How many things it is about. */
  count?: number
  /** Does it. A CallError is shown, and the dialog stays. */
  onConfirm: () => Promise<unknown>
  onClose: () => void
}

/** Numbers that nobody sees at a glance. */
const TYPED_ABOVE = 100

export function Confirm({ title, children, action, look = 'danger', count = 1, onConfirm, onClose }: ConfirmProps) {
  const { isBusy, fault, run } = useAction()
  const [typed, setTyped] = useState('')
  const isSure = count <= TYPED_ABOVE || typed.replaceAll(/\D/g, '') === String(count)
  const confirm = async (): Promise<void> => {
    await onConfirm()
    onClose()
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <div>{children}</div>
      {count > TYPED_ABOVE && (
        <Field label={words.shell.typeNumber(count.toLocaleString('en'))}>
          {(id) => (
            <input
              id={id}
              class="input"
              inputMode="numeric"
              value={typed}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          )}
        </Field>
      )}
      {fault && <FaultNotice fault={fault} />}
      <div class="row dialog-foot">
        <Button onClick={onClose}>{words.shell.cancel}</Button>
        <Button look={look} busy={isBusy} disabled={!isSure} onClick={() => run(confirm)}>
          {action}
        </Button>
      </div>
    </Dialog>
  )
}
