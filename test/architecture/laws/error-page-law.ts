// Every code that a client can meet is explained, and nothing else is. Called by laws.test.ts.
import { JOB_ERRORS, PROBLEMS } from '@millrace/contracts'
import type { Law } from '../reading/house.ts'

const PAGE = 'docs/errors.md'

/** The codes of the contracts and those of docs/errors.md are the same, section by section. */
export const errorPageLaw: Law = ({ files }) => {
  const page = files.find(({ path }) => path === PAGE)?.source ?? ''
  const [problems = '', jobErrors = ''] = page.split(/^## /m).slice(1)
  return [
    ...differences('problem', Object.keys(PROBLEMS), codesOf(problems)),
    ...differences('job error', Object.keys(JOB_ERRORS), codesOf(jobErrors)),
  ]
}

const codesOf = (section: string): string[] => [...section.matchAll(/^\| `([a-z0-9_]+)`/gm)].map((match) => match[1]!)

function differences(kind: string, declared: string[], explained: string[]): string[] {
  return [
    ...declared.filter((code) => !explained.includes(code)).map((code) => `${PAGE} misses the ${kind} ${code}`),
    ...explained.filter((code) => !declared.includes(code)).map((code) => `${PAGE} has ${kind} ${code}, which is gone`),
  ]
}
