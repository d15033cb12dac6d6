/** A number as text, so that its digits stay as they are typed; with a slider where it has two bounds. */
import { numberIn } from '@millrace/schema/text'
import { JsonNumber } from '../../json/json.ts'
import { words } from '../../words/words.ts'
import type { NumberControl } from '../controls/control.ts'
import type { FieldProps } from './field-props.ts'
import { spoken, useFault } from './form-context.ts'
import { placeholderOf, typed, typedIn } from './text-input.tsx'

/** A slider of more steps cannot be set. */
const MOST_STEPS = 1000

export function NumberInput({ control, name, path, required, draft, onEdit }: FieldProps<NumberControl>) {
  const text = typedIn(draft)
  const input = (
    <input
      {...spoken(path, useFault(path))}
      class="input number"
      type="text"
      inputMode={control.whole && (control.range.least ?? -1) >= 0 ? 'numeric' : 'decimal'}
      autocomplete="off"
      value={text}
      placeholder={placeholderOf(control.default ?? control.example)}
      aria-required={required}
      onInput={(event) => onEdit(typed(event.currentTarget.value))}
    />
  )
  const slider = sliderOf(control)
  if (!slider) return input
  const standard = control.default instanceof JsonNumber ? control.default.text : String(slider.min)
  return (
    <div class="with-slider">
      <input
        type="range"
        {...slider}
        value={numberIn(text) ?? standard}
        aria-label={words.form.slider(name)}
        onInput={(event) => onEdit(typed(event.currentTarget.value))}
      />
      {input}
    </div>
  )
}

function sliderOf({ whole, range }: NumberControl): { min: number; max: number; step: number } | undefined {
  const { least, most, multipleOf } = range
  if (least === undefined || most === undefined || most <= least) return undefined
  const step = multipleOf ?? (whole ? 1 : 10 ** (Math.floor(Math.log10(most - least)) - 2))
  return (most - least) / step > MOST_STEPS ? undefined : { min: least, max: most, step }
}
