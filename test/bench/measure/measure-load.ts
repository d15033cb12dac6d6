/** One plan on one stack, with the CPU that each of its processes used per request. */
import type { LoadPlan } from '../load/load-plan.ts'
import type { LoadGenerator } from '../load/start-load-generator.ts'
import type { BenchStack } from '../stacks/bench-stack.ts'
import { familyCpuSeconds, redisCpuSeconds } from './cpu-clock.ts'
import type { Figures } from './take-turns.ts'

/** Whose CPU can be told. */
export type Measurable = Pick<BenchStack, 'pids'> & { redis?: BenchStack['redis'] }

/** CPU seconds by the name of the part, `redis` included. What a part has started belongs to it, unless it is a part itself. */
export async function cpuOf(stack: Measurable): Promise<Figures> {
  const cpu: Figures = stack.redis ? { redis: await redisCpuSeconds(stack.redis) } : {}
  const parts = new Set(Object.values(stack.pids).flat())
  for (const [name, pids] of Object.entries(stack.pids)) {
    cpu[name] = pids.reduce((sum, pid) => sum + familyCpuSeconds(pid, parts), 0)
  }
  return cpu
}

/** `requests`, `perSecond`, `p50Ms`, `p99Ms`, `generatorShare` (of one core), `<part>Us` per request and `allUs`, their sum. */
export async function measureLoad(generator: LoadGenerator, stack: Measurable, plan: LoadPlan): Promise<Figures> {
  const before = await cpuOf(stack)
  const result = await generator.run(plan)
  const after = await cpuOf(stack)
  return {
    requests: result.requests,
    perSecond: result.requests / result.seconds,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    generatorShare: result.cpuSeconds / result.seconds,
    ...perRequest(before, after, result.requests),
  }
}

/** Microseconds of CPU per request, by part and in all. */
export function perRequest(before: Figures, after: Figures, requests: number): Figures {
  const parts = Object.keys(after).map((name) => {
    const seconds = (after[name] as number) - (before[name] ?? 0)
    return [`${name}Us`, (seconds * 1e6) / requests] as const
  })
  return { ...Object.fromEntries(parts), allUs: parts.reduce((sum, [, us]) => sum + us, 0) }
}
