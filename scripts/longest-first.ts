/** Puts test files in the order in which vitest starts them. Called by vitest.config.ts. */
import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { SLOW_TESTS } from './slow-tests.ts'

/** The slow files come first, the longest of them at the top. All others follow in vitest's own order. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const secondsOf = ({ moduleId }: TestSpecification) => SLOW_TESTS[relative(this.ctx.config.root, moduleId)] ?? 0
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => secondsOf(b) - secondsOf(a))
  }
}
