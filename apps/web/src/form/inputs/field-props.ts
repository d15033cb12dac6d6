/** What each field of a form is given. */
import type { Control } from '../controls/control.ts'
import type { Draft, OnEdit } from '../draft/draft.ts'

export interface FieldProps<Kind extends Control = Control> {
  control: Kind
  /** Shown as its label. */
  name: string
  /** JSON pointer into the input. */
  path: string
  required: boolean
  draft: Draft | undefined
  onEdit: OnEdit
}
