/** One field of a form: its label, what it takes, the input, and what is wrong with it. Drawn by form.tsx and by fields that hold others. */
import type { ComponentChildren } from 'preact'
import { words } from '../../words/words.ts'
import { describeControl } from '../describe-control.ts'
import { ChoiceInput } from './choice-input.tsx'
import { EitherInput } from './either-input.tsx'
import type { FieldProps } from './field-props.ts'
import { FileInput } from './file-input.tsx'
import { FlagInput } from './flag-input.tsx'
import { aboutIdOf, faultIdOf, idOf, useFault } from './form-context.ts'
import { JsonInput } from './json-input.tsx'
import { ListInput } from './list-input.tsx'
import { NumberInput } from './number-input.tsx'
import { ObjectInput } from './object-input.tsx'
import { TextInput } from './text-input.tsx'

export function Field(props: FieldProps) {
  const { control, name, path, required } = props
  const isGroup = props.draft?.kind !== 'json' && (control.kind === 'list' || control.kind === 'object')
  const title = control.title !== undefined && plain(control.title) !== plain(name) ? control.title : undefined
  const label = (
    <>
      <span class="field-name" translate={false}>
        {name}
      </span>
      {title && <span>{title}</span>}
    </>
  )
  const about = (
    <p class="field-about" id={aboutIdOf(path)}>
      {control.description && <span>{control.description} </span>}
      <span class="muted">{describeControl(control, required)}</span>
    </p>
  )
  if (isGroup) {
    return (
      <fieldset class="field group" id={idOf(path)} tabIndex={-1} aria-describedby={aboutIdOf(path)}>
        <legend class="field-label">{label}</legend>
        {about}
        <FieldInput {...props} />
        <FaultLine path={path} />
      </fieldset>
    )
  }
  const isFlag = control.kind === 'flag' && props.draft?.kind !== 'json'
  return (
    <div class={isFlag ? 'field flag' : 'field'}>
      <label class="field-label" for={idOf(path)}>
        {isFlag && <FieldInput {...props} />}
        {label}
      </label>
      {about}
      {!isFlag && <FieldInput {...props} />}
      <FaultLine path={path} />
    </div>
  )
}

const plain = (text: string): string => text.toLowerCase().replaceAll(/[\s_-]/g, '')

function FaultLine({ path }: { path: string }): ComponentChildren {
  const fault = useFault(path)
  return (
    fault !== undefined && (
      <p class="field-fault" id={faultIdOf(path)}>
        {fault}
      </p>
    )
  )
}

/** The input alone, without a label: for items of lists and branches too. */
export function FieldInput(props: FieldProps) {
  const { control, draft } = props
  if (draft?.kind === 'json' || control.kind === 'json') {
    return (
      <>
        {control.kind !== 'json' && <p class="small muted">{words.form.asJson}</p>}
        <JsonInput {...props} />
      </>
    )
  }
  switch (control.kind) {
    case 'text':
      return <TextInput {...props} control={control} />
    case 'number':
      return <NumberInput {...props} control={control} />
    case 'flag':
      return <FlagInput {...props} control={control} />
    case 'choice':
      return <ChoiceInput {...props} control={control} />
    case 'file':
      return <FileInput {...props} control={control} />
    case 'list':
      return <ListInput {...props} control={control} />
    case 'object':
      return <ObjectInput {...props} control={control} />
    case 'either':
      return <EitherInput {...props} control={control} />
  }
}
