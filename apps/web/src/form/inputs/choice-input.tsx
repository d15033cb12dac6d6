/** One of some values. Untouched it shows what the server takes by itself. */
import { type Json, writeJson } from '../../json/json.ts'
import { words } from '../../words/words.ts'
import type { ChoiceControl } from '../controls/control.ts'
import type { FieldProps } from './field-props.ts'
import { spoken, useFault } from './form-context.ts'

export function ChoiceInput({ control, path, required, draft, onEdit }: FieldProps<ChoiceControl>) {
  const { values } = control
  const standard = values.findIndex(
    (value) => control.default !== undefined && writeJson(value) === writeJson(control.default),
  )
  const isOnly = required && values.length === 1
  const shown = draft?.kind === 'choice' ? draft.at : standard === -1 && isOnly ? 0 : standard
  return (
    <select
      {...spoken(path, useFault(path))}
      class="input"
      value={String(shown)}
      aria-required={required}
      onChange={(event) => {
        const at = Number(event.currentTarget.value)
        onEdit(() => (at === -1 ? undefined : { kind: 'choice', at }))
      }}
    >
      {standard === -1 && !isOnly && <option value="-1">{required ? words.form.choose : '–'}</option>}
      {values.map((value, at) => (
        <option key={at} value={String(at)}>
          {labelOf(value)}
        </option>
      ))}
    </select>
  )
}

const labelOf = (value: Json): string =>
  value === null ? words.form.none : typeof value === 'string' && value !== '' ? value : writeJson(value)
