/**
 * Where the CPU of a request goes under one load: first undisturbed, for the processes and the commands of Redis; then once
 * more with a clock on each script. Called by rows for their profile.
 */
import type { Redis } from 'ioredis'
import type { LoadPlan } from '../load/load-plan.ts'
import type { LoadGenerator } from '../load/start-load-generator.ts'
import { measureLoad } from '../measure/measure-load.ts'
import type { Figures } from '../measure/take-turns.ts'
import type { BenchStack } from '../stacks/bench-stack.ts'
import { type CommandStats, parseCommandStats } from './command-stats.ts'
import { learnScriptNames } from './learn-script-names.ts'
import { type ProcessCosts, processCosts } from './process-costs.ts'
import { readSlowLog, type ScriptCost, startSlowLog } from './slow-log.ts'

export interface Profile {
  /** As of measureLoad. */
  figures: Figures
  /** By part, over the whole load. */
  processes: Record<string, ProcessCosts>
  commands: ReadonlyMap<string, CommandStats>
  /** Bytes that Redis received and sent. */
  bytes: { received: number; sent: number }
  scripts: ScriptCost[]
  /** Requests in the part with the clock on scripts. */
  clockedRequests: number
}

export async function profileLoad(generator: LoadGenerator, stack: BenchStack, plan: LoadPlan): Promise<Profile> {
  const names = await learnScriptNames(`redis://127.0.0.1:${stack.redis.options.port}`)
  // What is done for the first time costs more.
  await measureLoad(generator, stack, plan)
  const before = costsOf(stack)
  await stack.redis.config('RESETSTAT')
  const figures = await measureLoad(generator, stack, plan)
  const processes = sinceThen(before, costsOf(stack))
  const commands = parseCommandStats(await stack.redis.info('commandstats'))
  const bytes = await bytesOf(stack.redis)
  await startSlowLog(stack.redis)
  const { requests } = await measureLoad(generator, stack, plan)
  const scripts = await readSlowLog(stack.redis, names)
  return { figures, processes, commands, bytes, scripts, clockedRequests: requests as number }
}

const costsOf = ({ pids }: BenchStack): Record<string, ProcessCosts> =>
  Object.fromEntries(Object.entries(pids).map(([part, all]) => [part, processCosts(all)]))

const sinceThen = (before: Record<string, ProcessCosts>, after: Record<string, ProcessCosts>) =>
  Object.fromEntries(
    Object.entries(after).map(([part, { userSeconds, systemSeconds, wakes }]) => [
      part,
      {
        userSeconds: userSeconds - (before[part]?.userSeconds ?? 0),
        systemSeconds: systemSeconds - (before[part]?.systemSeconds ?? 0),
        wakes: wakes - (before[part]?.wakes ?? 0),
      },
    ]),
  )

async function bytesOf(redis: Redis): Promise<Profile['bytes']> {
  const info = await redis.info('stats')
  const bytes = (name: string) => Number(new RegExp(`^total_net_${name}_bytes:(\\d+)`, 'm').exec(info)?.[1])
  return { received: bytes('input'), sent: bytes('output') }
}
