/** The profiles of Millrace and of the bare stack under the same load, one after the other. Called by rows. */
import type { LoadPlan } from '../load/load-plan.ts'
import type { RowContext } from '../rows/row.ts'
import type { BenchStack } from '../stacks/bench-stack.ts'
import { profileLoad } from './profile-load.ts'
import { renderProfile } from './render-profile.ts'

export interface Profiled {
  millrace(): Promise<BenchStack>
  bare(): Promise<BenchStack>
  plan(stack: BenchStack): LoadPlan | Promise<LoadPlan>
}

/** `unit`: what one request of the plan is called. */
export async function profileBoth(context: RowContext, unit: string, profiled: Profiled): Promise<string[]> {
  const sentences: string[] = []
  for (const [name, start] of [
    ['Millrace', profiled.millrace],
    ['bare', profiled.bare],
  ] as const) {
    const stack = await start()
    try {
      const profile = await profileLoad(context.generator, stack, await profiled.plan(stack))
      sentences.push(...renderProfile(profile, unit).map((sentence) => `Profile of ${name}: ${sentence}`))
    } finally {
      await stack.stop()
    }
  }
  return sentences
}
