/** Text from a model, shortened for a line of a terminal; see terminalText for what is taken out of it. */
import { terminalText } from '@millrace/process'

/** Without control characters and their sequences; line ends stay. At most `max` characters (default 2000). */
export function plainText(text: string, max = 2000): string {
  const clean = terminalText(text).replaceAll('\t', ' ')
  return clean.length > max ? `${clean.slice(0, max)}…` : clean
}

/** The first line of it, at most 200 characters. */
export const firstLine = (text: string): string => plainText(text.trim().split('\n', 1)[0] ?? '', 200)
