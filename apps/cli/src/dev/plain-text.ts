/** Text from a model, fit for a terminal: no escape sequence of it moves the cursor or paints the screen. */

/** Without control characters and their sequences; line ends stay. At most `max` characters (default 2000). */
export function plainText(text: string, max = 2000): string {
  const clean = text.replace(/\p{Cc}(\[[0-9;?]*[ -/]*[@-~])?/gu, (found) => {
    if (found.startsWith('\n')) return found
    return found.startsWith('\t') ? found.replace('\t', ' ') : ''
  })
  return clean.length > max ? `${clean.slice(0, max)}…` : clean
}

/** The first line of it, at most 200 characters. */
export const firstLine = (text: string): string => plainText(text.trim().split('\n', 1)[0] ?? '', 200)
