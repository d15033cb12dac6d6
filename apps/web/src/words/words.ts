/**
 * All words of the page, in one typed table; each screen has a file of its own beside this one. Used by everything that shows
 * text. A phrase with a value in it is a function.
 */
import { ABOUT_WORDS } from './operate/about.ts'
import { BULK_WORDS } from './bulk.ts'
import { FAILURES_WORDS } from './failures.ts'
import { JOB_WORDS } from './job.ts'
import { JOBS_WORDS } from './jobs.ts'
import { FORM_WORDS } from './form.ts'
import { MODELS_WORDS } from './models.ts'
import { PLAYGROUND_WORDS } from './playground.ts'
import { RESULTS_WORDS } from './results.ts'
import { QUEUES_WORDS } from './operate/queues.ts'
import { SHELL_WORDS } from './shell.ts'
import { toPseudo } from './to-pseudo.ts'
import { VERSIONS_WORDS } from './operate/versions.ts'
import { WEBHOOKS_WORDS } from './operate/webhooks.ts'
import { WORKERS_WORDS } from './operate/workers.ts'

const ENGLISH = {
  shell: SHELL_WORDS,
  models: MODELS_WORDS,
  jobs: JOBS_WORDS,
  job: JOB_WORDS,
  failures: FAILURES_WORDS,
  bulk: BULK_WORDS,
  form: FORM_WORDS,
  playground: PLAYGROUND_WORDS,
  results: RESULTS_WORDS,
  queues: QUEUES_WORDS,
  workers: WORKERS_WORDS,
  webhooks: WEBHOOKS_WORDS,
  versions: VERSIONS_WORDS,
  about: ABOUT_WORDS,
}

/** `x-pseudo` is no language: with it a test finds each text that is not from this table. */
const { document: page } = globalThis as { document?: { documentElement: { lang: string } } }
const isPseudo = page?.documentElement.lang === 'x-pseudo'

export const words: typeof ENGLISH = isPseudo ? toPseudo(ENGLISH) : ENGLISH
