/** A question that has to be answered before anything else. Used by screens. */
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import './dialog.css'

interface DialogProps {
  title: string
  children: ComponentChildren
  /** Escape, or a press beside it. */
  onClose(): void
}

export function Dialog({ title, children, onClose }: DialogProps) {
  const id = useId()
  const box = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const dialog = box.current
    const before = document.activeElement
    dialog?.showModal()
    return () => {
      dialog?.close()
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={box}
      class="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClick={(event) => {
        if (event.target === box.current) onClose()
      }}
    >
      <div class="dialog-inner stack">
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  )
}
