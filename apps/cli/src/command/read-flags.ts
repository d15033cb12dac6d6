/**
 * Reads flags whose values are numbers or come from a closed list. Each function throws UsageError that says what was
 * expected. Called by the commands.
 */
import { UsageError } from './command-error.ts'

type Flags = Record<string, unknown>

export function wordFlag<Word extends string>(flags: Flags, name: string, words: readonly Word[]): Word | undefined {
  const text = textFlag(flags, name)
  if (text === undefined) return undefined
  const word = words.find((one) => one === text)
  if (word === undefined) throw new UsageError(`--${name} takes ${words.join(', ')}, got "${text}"`)
  return word
}

/** Reads several words with commas between them. */
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

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const

/** Reads a length of time such as 90d, 12h, 30m or 45s. Seconds. */
export function durationFlag(flags: Flags, name: string): number | undefined {
  const text = textFlag(flags, name)
  if (text === undefined) return undefined
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (unit !== undefined) return Number(count) * SECONDS[unit as keyof typeof SECONDS]
  throw new UsageError(`--${name} takes a length of time such as 90d, 12h, 30m or 45s, got "${text}"`)
}

/** Reads a flag that may be given several times, each with name=value. */
export function pairsFlag(flags: Flags, name: string): Record<string, string> | undefined {
  const given = flags[name]
  if (!Array.isArray(given)) return undefined
  const pairs = given.map((text: unknown) => {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(String(text)) ?? []
    if (key === undefined || value === undefined) {
      throw new UsageError(`--${name} takes name=value, got "${String(text)}"`)
    }
    return [key, value] as const
  })
  return Object.fromEntries(pairs)
}

export const textFlag = (flags: Flags, name: string): string | undefined =>
  typeof flags[name] === 'string' ? flags[name] : undefined
