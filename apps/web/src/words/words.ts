/**
 * All words of the page, in one typed table; each screen has a file of its own beside this one. Used by everything that shows
 * text. A phrase with a value in it is a function.
 */
import { MODELS_WORDS } from './models.ts'
import { SHELL_WORDS } from './shell.ts'
import { toPseudo } from './to-pseudo.ts'

const ENGLISH = {
  shell: SHELL_WORDS,
  models: MODELS_WORDS,
}

/** `x-pseudo` is no language: with it a test finds each text that is not from this table. */
const isPseudo = globalThis.document?.documentElement.lang === 'x-pseudo'

export const words: typeof ENGLISH = isPseudo ? toPseudo(ENGLISH) : ENGLISH
