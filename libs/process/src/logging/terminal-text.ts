/**
 * Makes text from outside safe for a terminal: it cannot move the cursor, paint the screen, set a title, or turn the
 * direction of reading. The command line and the text log use it.
 */

const CSI = String.raw`(?:\x1b\[|\x9b)[0-9:;<=>?]*[ -/]*[@-~]`
/**
 * Control strings, such as one that sets a title. Only complete ones match, so that a lone beginning cannot hide the
 * text after it.
 */
const STRINGS = String.raw`(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)`
/** All control characters, marks of direction, and separators that some terminals take as a new line. */
const UNSAFE = String.raw`\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069`
const NOT_PLAIN = new RegExp(`${CSI}|${STRINGS}|[${UNSAFE}]`, 'gu')
const NOT_IN_JSON = new RegExp(`[${UNSAFE}]`, 'gu')

/** The text without everything that a terminal would obey. Line ends and tabs stay. */
export const terminalText = (text: string): string =>
  text.replace(NOT_PLAIN, (found) => (found === '\n' || found === '\t' ? found : ''))

/** JSON for a person or a program: the same value, with an escape for everything that a terminal would obey. */
export const terminalJson = (value: unknown, space?: number): string =>
  JSON.stringify(value, null, space).replace(NOT_IN_JSON, (found) =>
    found === '\n' ? found : `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
