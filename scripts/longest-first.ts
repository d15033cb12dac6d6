/** The order in which vitest begins test files. Called by vitest.config.ts. */
import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { SLOW_TESTS } from './slow-tests.ts'

/** Files on the list of slow ones first, the longest of them at once; then all others as vitest would have them. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const secondsOf = ({ moduleId }: TestSpecification) => SLOW_TESTS[relative(this.ctx.config.root, moduleId)] ?? 0
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => secondsOf(b) - secondsOf(a))
  }
}
