import { expect, it } from 'vitest'
import { BUGS, type BugName, plantedText } from './plant-bug.ts'

it.each(Object.keys(BUGS) as BugName[])('finds what the bug %s changes, once in its file', (bug) => {
  for (const edit of BUGS[bug].edits) expect(plantedText(edit)).toContain(edit.to)
})
