/** An object by its fields. One that may be left out stays folded, which also ends a schema that holds itself. */
import { pointerTo } from '@millrace/contracts/json-pointer'
import { useState } from 'preact/hooks'
import { words } from '../../words/words.ts'
import type { ObjectControl } from '../controls/control.ts'
import { editField, fieldsIn } from '../draft/draft.ts'
import { EXTRA } from '../draft/read-draft.ts'
import type { FieldProps } from './field-props.ts'
import { useFields } from './form-context.ts'

export function ObjectInput(props: FieldProps<ObjectControl>) {
  const { required, draft, control } = props
  const [isOpen, setOpen] = useState(required || draft !== undefined)
  if (required) return <ObjectFields {...props} />
  return (
    <details class="fold" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{words.form.fields(control.fields().length)}</summary>
      {isOpen && <ObjectFields {...props} />}
    </details>
  )
}

export function ObjectFields({ control, path, draft, onEdit }: Omit<FieldProps<ObjectControl>, 'name' | 'required'>) {
  const { Field } = useFields()
  const given = fieldsIn(draft)
  const fields = control.fields()
  const named = new Set(fields.map(({ name }) => name))
  const extra = [...given.keys()].filter((name) => !named.has(name))
  return (
    <div class="fields">
      {[...fields, ...extra.map((name) => ({ name, required: false, control: EXTRA }))].map((field) => (
        <Field
          key={field.name}
          {...field}
          path={pointerTo(path, field.name)}
          draft={given.get(field.name)}
          onEdit={(edit) => onEdit(editField(field.name, edit))}
        />
      ))}
    </div>
  )
}
