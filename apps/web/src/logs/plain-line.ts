/**
 * A line of a log as it can be shown: what a terminal would colour is plain, and what nobody would see is visible. Called for every
 * line before it is kept, and for other text of a model that is shown in one line.
 */

/** Colours and moves of the cursor, also when the line ends before they do. */
const CSI = String.raw`(?:\x1b\[|\x9b)[0-?]*[ -/]*(?:[@-~]|$)`
/** Control strings, such as one that sets a title. A lone beginning hides nothing. */
const STRINGS = String.raw`(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)`
const SEQUENCE = new RegExp(`${CSI}|${STRINGS}`, 'g')

/** Controls, and signs that turn the direction of text or take no room: with them a line can look like another one. */
const HIDDEN = /(?!\t)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

export function plainLine(text: string): string {
  // Nearly all lines are plain already.
  if (!/[^\t\u0020-\u007e]/.test(text)) return text
  return lastState(text.replaceAll(SEQUENCE, '')).replaceAll(HIDDEN, (char, at: number, whole: string) =>
    joinsSigns(char, at, whole) ? char : `⟨${char.codePointAt(0)?.toString(16).padStart(4, '0')}⟩`,
  )
}

/** A bar of progress writes over itself: a terminal shows what was written last. */
const lastState = (text: string): string => text.split('\r').findLast((part) => part.trim() !== '') ?? ''

/** Several signs in one, such as a family. */
const joinsSigns = (char: string, at: number, text: string): boolean =>
  char === '\u200d' &&
  /\p{Extended_Pictographic}\p{Variation_Selector}?\p{Emoji_Modifier}?$/u.test(text.slice(Math.max(0, at - 4), at))
