/** What all fields of a form share. Provided by form.tsx. */
import { type ComponentType, createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { FieldProps } from './field-props.ts'

interface SharedByFields {
  /** What is wrong, in words, by the JSON pointer of the place. */
  faults: ReadonlyMap<string, string>
  /** Fields that hold others draw them with these: they would import each other in a circle. */
  Field: ComponentType<FieldProps>
  FieldInput: ComponentType<FieldProps>
}

const FormContext = createContext<SharedByFields>({ faults: new Map(), Field: () => null, FieldInput: () => null })

export const FormProvider = FormContext.Provider
export const useFault = (path: string): string | undefined => useContext(FormContext).faults.get(path)
export const useFields = (): Pick<SharedByFields, 'Field' | 'FieldInput'> => useContext(FormContext)

/** The id of the element that is focused for a place. */
export const idOf = (path: string): string => `field:${path}`
export const aboutIdOf = (path: string): string => `about:${path}`
export const faultIdOf = (path: string): string => `fault:${path}`

/** What an input says of itself to those who hear the page. */
export function spoken(path: string, fault: string | undefined) {
  return {
    id: idOf(path),
    'aria-describedby': `${aboutIdOf(path)}${fault === undefined ? '' : ` ${faultIdOf(path)}`}`,
    'aria-invalid': fault === undefined ? undefined : ('true' as const),
  }
}
