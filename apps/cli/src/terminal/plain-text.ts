/** Cuts text from a model to fit a terminal. See terminalText for the characters that it removes. */
import { terminalText } from '@millrace/process'

/** Removes control characters and their sequences but keeps line ends. At most `max` characters (default 2000). */
export function plainText(text: string, max = 2000): string {
  const clean = terminalText(text).replaceAll('\t', ' ')
  return clean.length > max ? `${clean.slice(0, max)}…` : clean
}

/** The first line of a text, at most 200 characters. */
export const firstLine = (text: string): string => plainText(text.trim().split('\n', 1)[0] ?? '', 200)
