/** What the laws let be, by the title of the law. The lists only shrink: an entry that keeps its law fails. Called by laws.test.ts. */
import type { Exception } from './reading/house.ts'

export const EXCEPTIONS: Readonly<Record<string, readonly Exception[]>> = {}
