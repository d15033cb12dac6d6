/** A list: items that are added, moved and removed; or files, of which several are chosen at once. */
import { pointerTo } from '@millrace/contracts/json-pointer'
import { Button } from '../../parts/button.tsx'
import { words } from '../../words/words.ts'
import type { ListControl } from '../controls/control.ts'
import { addItems, editItem, itemsIn, moveItem, removeItem } from '../draft/draft.ts'
import { FileUpload } from '../uploads/file-upload.ts'
import type { FieldProps } from './field-props.ts'
import { FilePicker } from './file-picker.tsx'
import { useFault, useFields } from './form-context.ts'

export function ListInput({ control, name, path, draft, onEdit }: FieldProps<ListControl>) {
  const items = itemsIn(draft)
  const item = control.item()
  const most = control.items.most ?? Infinity
  const add = item.kind === 'file' ? words.form.addAddress : words.form.add
  return (
    <>
      {items.length > 0 && (
        <ol class="items">
          {items.map(({ key }, at) => (
            <li key={key}>
              <Item {...{ control, name, path, draft, onEdit }} required at={at} />
            </li>
          ))}
        </ol>
      )}
      {items.length < most && item.kind === 'file' && (
        <FilePicker
          name={name}
          accept={item.accept}
          several
          onFiles={(files) => onEdit(addItems(files.map((file) => ({ kind: 'file', file: new FileUpload(file) }))))}
        />
      )}
      {items.length < most && (
        <Button size="small" aria-label={words.form.addTo(add, name)} onClick={() => onEdit(addItems([undefined]))}>
          {add}
        </Button>
      )}
    </>
  )
}

function Item({ control, name, path, draft, onEdit, at }: FieldProps<ListControl> & { at: number }) {
  const items = itemsIn(draft)
  const { key, draft: own } = items[at] as (typeof items)[number]
  const place = pointerTo(path, at)
  const shown = words.form.item(name, at + 1)
  const fault = useFault(place)
  const { FieldInput } = useFields()
  return (
    <div class="item" role="group" aria-label={shown}>
      <div>
        <FieldInput
          control={control.item()}
          name={shown}
          path={place}
          required
          draft={own}
          onEdit={(edit) => onEdit(editItem(key, edit))}
        />
        {fault !== undefined && <p class="field-fault">{fault}</p>}
      </div>
      <div class="item-acts">
        <Button
          size="small"
          look="quiet"
          disabled={at === 0}
          aria-label={words.form.moveUp(shown)}
          onClick={() => onEdit(moveItem(key, -1))}
        >
          ↑
        </Button>
        <Button
          size="small"
          look="quiet"
          disabled={at === items.length - 1}
          aria-label={words.form.moveDown(shown)}
          onClick={() => onEdit(moveItem(key, 1))}
        >
          ↓
        </Button>
        <Button
          size="small"
          look="quiet"
          aria-label={words.form.removeItem(shown)}
          onClick={() => onEdit(removeItem(key))}
        >
          ✕
        </Button>
      </div>
    </div>
  )
}
