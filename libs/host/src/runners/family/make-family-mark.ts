/** What all processes of a runner have in common, however far they moved from it: a variable of their environment. */
import { randomUUID } from 'node:crypto'

const NAME = 'MILLRACE_RUNNER'

export interface FamilyMark {
  /** For the environment of the runner; whatever it starts inherits it. */
  env: Record<string, string>
  /** How that looks in the environment of a process. */
  text: string
}

export function makeFamilyMark(): FamilyMark {
  const value = randomUUID()
  return { env: { [NAME]: value }, text: `${NAME}=${value}` }
}
