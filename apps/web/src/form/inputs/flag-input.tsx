/** Yes or no. Untouched it shows what the server takes by itself. */
import type { FlagControl } from '../controls/control.ts'
import type { FieldProps } from './field-props.ts'
import { spoken, useFault } from './form-context.ts'

export function FlagInput({ control, path, draft, onEdit }: FieldProps<FlagControl>) {
  const isOn = draft?.kind === 'flag' ? draft.on : control.default === true
  return (
    <input
      {...spoken(path, useFault(path))}
      type="checkbox"
      checked={isOn}
      onChange={(event) => {
        const on = event.currentTarget.checked
        onEdit(() => ({ kind: 'flag', on }))
      }}
    />
  )
}
