/** JSON as text: for what no other control can ask for, and for values that do not fit theirs. */
import { words } from '../../words/words.ts'
import { Button } from '../../parts/button.tsx'
import type { FieldProps } from './field-props.ts'
import { spoken, useFault } from './form-context.ts'
import { placeholderOf, typedIn } from './text-input.tsx'

export function JsonInput({ control, name, path, required, draft, onEdit }: FieldProps) {
  return (
    <>
      <textarea
        {...spoken(path, useFault(path))}
        class="input json"
        rows={3}
        spellcheck={false}
        autocapitalize="off"
        value={typedIn(draft)}
        placeholder={placeholderOf(control.default ?? control.example) ?? '{}'}
        aria-required={required}
        onInput={(event) => {
          const text = event.currentTarget.value
          onEdit(() => (text === '' && control.kind === 'json' ? undefined : { kind: 'json', text }))
        }}
      />
      {control.kind !== 'json' && (
        <Button
          size="small"
          look="quiet"
          aria-label={words.form.clearField(name)}
          onClick={() => onEdit(() => undefined)}
        >
          {words.form.clear}
        </Button>
      )}
    </>
  )
}
