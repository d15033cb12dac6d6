/** Says in words what a control takes: `whole number · 1 to 1000 · default 40`. Shown beside each field. */
import { writeJson } from '../json/json.ts'
import { words } from '../words/words.ts'
import type { Control, Count, Range } from './controls/control.ts'

/** A longer default is no help. Characters. */
const DEFAULT_CHARS = 40

export function describeControl(control: Control, isRequired: boolean): string {
  const shownDefault = defaultText(control)
  return [
    kindText(control),
    rangeText(control),
    shownDefault,
    isRequired || shownDefault !== undefined ? undefined : words.form.optional,
    control.deprecated ? words.form.deprecated : undefined,
  ]
    .filter(Boolean)
    .join(' · ')
}

/** Undefined where it tells nothing, or too much. */
function defaultText({ kind, default: value }: Control): string | undefined {
  const text = value === undefined || value === null ? '' : writeJson(value)
  if (['', '""', '[]', '{}'].includes(text) || text.length > DEFAULT_CHARS) return undefined
  if (kind === 'flag') return words.form.defaultIs(value === true ? words.form.isOn : words.form.isOff)
  return words.form.defaultIs(text)
}

export function kindText(control: Control): string {
  const { kinds } = words.form
  switch (control.kind) {
    case 'text':
      return control.as === 'short' || control.as === 'long' ? kinds.text : kinds[control.as]
    case 'number':
      return control.whole ? kinds.whole : kinds.number
    case 'file':
      return acceptOf(control.accept)?.replaceAll(',', words.form.or) ?? kinds.file
    case 'either':
      return control.branches.map(kindText).join(words.form.or)
    default:
      return kinds[control.kind]
  }
}

/** What a file may be, for `accept` of an input; undefined when it may be anything. */
export function acceptOf(types: string): string | undefined {
  const given = types.split(/\s*,\s*/).filter((type) => type !== '')
  const isOpen = given.some((type) => type === '*/*' || type === 'application/octet-stream')
  const known = given.filter((type) => type !== '*/*' && type !== 'application/octet-stream')
  return known.length === 0 || (isOpen && known.length === given.length) ? undefined : known.join(',')
}

function rangeText(control: Control): string | undefined {
  const { range } = words.form
  if (control.kind === 'number') return numbersText(control.range)
  const count = control.kind === 'text' ? control.length : control.kind === 'list' ? control.items : undefined
  // A text that may not be empty is one that is needed.
  const text =
    count && spanText({ ...count, least: (count.least ?? 0) > 1 || control.kind === 'list' ? count.least : undefined })
  if (text === undefined) return undefined
  return control.kind === 'text' ? range.characters(text) : range.items(text)
}

function numbersText({ least, most, above, below, multipleOf }: Range): string | undefined {
  const { range } = words.form
  return [
    spanText({ least, most }),
    above !== undefined && (least === undefined || above >= least) ? range.above(shown(above)) : undefined,
    below === undefined ? undefined : range.below(shown(below)),
    multipleOf === undefined ? undefined : range.multipleOf(shown(multipleOf)),
  ]
    .filter(Boolean)
    .join(', ')
}

function spanText({ least, most }: Count): string | undefined {
  const { range } = words.form
  if (least !== undefined && most !== undefined) return range.between(shown(least), shown(most))
  if (least !== undefined) return range.least(shown(least))
  return most === undefined ? undefined : range.most(shown(most))
}

const shown = (value: number): string => (Math.abs(value) >= 10_000 ? value.toLocaleString('en') : String(value))
