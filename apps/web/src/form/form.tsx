/** The form of an input, made from its schema. Shown by the playground. */
import { useEffect } from 'preact/hooks'
import type { Control } from './controls/control.ts'
import type { Draft, OnEdit } from './draft/draft.ts'
import { FormProvider, idOf } from './inputs/form-context.ts'
import { Field, FieldInput } from './inputs/field.tsx'
import { ObjectFields } from './inputs/object-input.tsx'
import '../parts/asking/field.css'
import './form.css'

interface FormProps {
  control: Control
  /** JSON pointer of the whole in the request, such as `/input`. */
  path: string
  draft: Draft | undefined
  onEdit: OnEdit
  /** What is wrong, in words, by the JSON pointer of the place. */
  faults: ReadonlyMap<string, string>
}

export function Form({ control, path, draft, onEdit, faults }: FormProps) {
  usePaste()
  return (
    <FormProvider value={{ faults, Field, FieldInput }}>
      {control.kind === 'object' && draft?.kind !== 'json' ? (
        <ObjectFields control={control} path={path} draft={draft} onEdit={onEdit} />
      ) : (
        <FieldInput control={control} name="" path={path} required draft={draft} onEdit={onEdit} />
      )}
    </FormProvider>
  )
}

/** A picture that is pasted anywhere goes to the first place that waits for a file. */
function usePaste(): void {
  useEffect(() => {
    const onPaste = (event: ClipboardEvent): void => {
      const files = event.clipboardData?.files
      const input = document.querySelector<HTMLInputElement>('.drop input')
      if (!files || files.length === 0 || !input || event.defaultPrevented) return
      input.files = files
      input.dispatchEvent(new Event('change', { bubbles: true }))
    }
    document.addEventListener('paste', onPaste)
    return () => document.removeEventListener('paste', onPaste)
  }, [])
}

/** Puts the focus on the place, or on the nearest one around it that is shown. */
export function focusPlace(path: string): boolean {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    const element = document.getElementById(idOf(at))
    if (element) {
      element.focus()
      element.scrollIntoView({ block: 'center' })
      return true
    }
    if (at === '') return false
  }
}
