/** Flags with a closed list of values, or with numbers. Each throws UsageError with what was expected. */
import { UsageError } from './command-error.ts'

type Flags = Record<string, unknown>

export function wordFlag<Word extends string>(flags: Flags, name: string, words: readonly Word[]): Word | undefined {
  const text = textFlag(flags, name)
  if (text === undefined) return undefined
  const word = words.find((one) => one === text)
  if (word === undefined) throw new UsageError(`--${name} takes ${words.join(', ')}, got "${text}"`)
  return word
}

/** Several of them, with commas between. */
export function wordsFlag<Word extends string>(flags: Flags, name: string, words: readonly Word[]): Word[] | undefined {
  return textFlag(flags, name)
    ?.split(',')
    .map((text) => wordFlag({ [name]: text.trim() }, name, words) as Word)
}

export function numberFlag(flags: Flags, name: string, check: { whole?: boolean } = {}): number | undefined {
  const text = textFlag(flags, name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (Number.isFinite(value) && value > 0 && (!check.whole || Number.isInteger(value))) return value
  throw new UsageError(`--${name} takes a ${check.whole ? 'whole ' : ''}number above 0, got "${text}"`)
}

export const textFlag = (flags: Flags, name: string): string | undefined =>
  typeof flags[name] === 'string' ? flags[name] : undefined
