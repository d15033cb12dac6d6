/** A text: one line, several lines, or a secret. */
import { type Json, writeJson } from '../../json/json.ts'
import type { TextControl } from '../controls/control.ts'
import type { Draft, Edit } from '../draft/draft.ts'
import type { FieldProps } from './field-props.ts'
import { spoken, useFault } from './form-context.ts'

const TYPES = { short: 'text', secret: 'password', email: 'email', url: 'url', date: 'date' } as const

export function TextInput({ control, path, required, draft, onEdit }: FieldProps<TextControl>) {
  const shared = {
    ...spoken(path, useFault(path)),
    value: typedIn(draft),
    placeholder: placeholderOf(control.default ?? control.example),
    'aria-required': required,
    spellcheck: false,
    onInput: (event: InputEvent) => onEdit(typed((event.currentTarget as HTMLInputElement).value)),
  }
  if (control.as === 'long') return <textarea {...shared} class="input long" rows={2} />
  return (
    <input
      {...shared}
      class="input"
      type={TYPES[control.as] as 'text'}
      autocomplete={control.as === 'secret' ? 'new-password' : 'off'}
    />
  )
}

export const typedIn = (draft: Draft | undefined): string =>
  draft?.kind === 'text' || draft?.kind === 'json' ? draft.text : ''

/** Nothing typed is nothing given. */
export const typed =
  (text: string): Edit =>
  () =>
    text === '' ? undefined : { kind: 'text', text }

export const placeholderOf = (value: Json | undefined): string | undefined =>
  value === undefined || value === null ? undefined : typeof value === 'string' ? value : writeJson(value)
