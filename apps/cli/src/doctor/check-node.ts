/** Checks that this Node can run Millrace. Called by run-checks.ts. */
import { fail, type Finding, ok } from './finding.ts'

/** The same as `engines` in package.json. */
const OLDEST = [20, 19] as const

/** `version` is `process.versions.node`. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const works = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
  if (works) return ok('node', `Node ${version} runs Millrace.`)
  return fail('node', `Node ${version} is too old.`, `Install Node ${OLDEST.join('.')} or newer.`)
}
