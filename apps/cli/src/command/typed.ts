/** A command as the user can type it. Every text that names a command to type next takes it from here. */

/** This process was called in one way, so it is known once for all texts. */
let before = ''

/** Called at the start, by run-cli.ts. */
export function rememberCall(env: Readonly<Record<string, string | undefined>>): void {
  before = /^millrace\b/.test(env.npm_lifecycle_script ?? '') ? 'npx ' : ''
}

/**
 * `typed('check boxes')` is `npx millrace check boxes` where npm started this program, whose folder of programs is on no PATH
 * after that, and `millrace check boxes` elsewhere.
 */
export const typed = (words: string): string => `${before}millrace ${words}`
