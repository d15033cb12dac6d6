/** One of several kinds of value: which kind, and then its input. */
import { words } from '../../words/words.ts'
import type { EitherControl } from '../controls/control.ts'
import { kindText } from '../describe-control.ts'
import type { FieldProps } from './field-props.ts'
import { useFields } from './form-context.ts'

export function EitherInput({ control, name, path, required, draft, onEdit }: FieldProps<EitherControl>) {
  const [at, inner] = draft?.kind === 'either' ? [draft.branch, draft.draft] : [0, undefined]
  const { FieldInput } = useFields()
  const branch = control.branches[at]
  return (
    <div class="either">
      <select
        class="input"
        aria-label={words.form.branch(name)}
        value={String(at)}
        onChange={(event) => {
          const next = Number(event.currentTarget.value)
          onEdit(() => ({ kind: 'either', branch: next, draft: undefined }))
        }}
      >
        {control.branches.map((one, place) => (
          <option key={place} value={String(place)}>
            {one.title ?? kindText(one)}
          </option>
        ))}
      </select>
      {branch && (
        <FieldInput
          key={at}
          control={branch}
          name={name}
          path={path}
          required={required}
          draft={inner}
          onEdit={(edit) =>
            onEdit((before) => {
              const next = edit(before?.kind === 'either' ? before.draft : undefined)
              // Without a value the first kind stands there anyway.
              return next === undefined && at === 0 ? undefined : { kind: 'either', branch: at, draft: next }
            })
          }
        />
      )}
    </div>
  )
}
