/**
 * Text of strangers, fit for a terminal: no escape sequence in it moves the cursor, paints the screen or sets a title, and
 * no mark turns the direction of what is read. The one place for this; the command line and the log in text go through it.
 */

const CSI = String.raw`(?:\x1b\[|\x9b)[0-9:;<=>?]*[ -/]*[@-~]`
/** Strings that a terminal takes for itself, such as a title; only whole ones, so that a lone beginning hides no text. */
const STRINGS = String.raw`(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)`
/** All controls, marks of direction, and separators at which some terminals begin a line. */
const UNSAFE = String.raw`\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069`
const NOT_PLAIN = new RegExp(`${CSI}|${STRINGS}|[${UNSAFE}]`, 'gu')
const NOT_IN_JSON = new RegExp(`[${UNSAFE}]`, 'gu')

/** Without what a terminal would obey. Line ends and tabs stay. */
export const terminalText = (text: string): string =>
  text.replace(NOT_PLAIN, (found) => (found === '\n' || found === '\t' ? found : ''))

/** JSON for a person or a program: the same value, with all that a terminal would obey written as an escape. */
export const terminalJson = (value: unknown, space?: number): string =>
  JSON.stringify(value, null, space).replace(NOT_IN_JSON, (found) =>
    found === '\n' ? found : `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
