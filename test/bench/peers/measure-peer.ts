/** One peer beside Millrace, in turns: rates, CPU, latency, memory, and what survives a kill. Called by peers-main.ts. */
import type { LoadPlan } from '../load/load-plan.ts'
import type { LoadGenerator } from '../load/start-load-generator.ts'
import { descendantsOf, proportionalMegabytes } from '../measure/cpu-clock.ts'
import { measureLoad } from '../measure/measure-load.ts'
import { type Figures, type Measured, takeTurns } from '../measure/take-turns.ts'
import { type ServedStack, startPeerStack } from '../stacks/start-peer-stack.ts'
import type { Peer } from './peer.ts'
import { startServedMillrace } from './start-served-millrace.ts'
import { surviveCrash, type Survival } from './survive-crash.ts'

/** Names of the variants. */
export const [MILLRACE, PEER] = ['Millrace', 'peer']

export interface PeerPace {
  rounds: number
  /** Length of a round of submits alone. Milliseconds. */
  roundMs: number
  /** Jobs in a burst. */
  burst: number
  singleJobs: number
  /** How long a killed stack may take to finish what it had accepted. Milliseconds. */
  survivalMs: number
}

export interface PeerResult {
  /** Figures `submitsPerSecond`, where there is a queue, `jobsPerSecond`, `jobUs`, `p50Ms` and `p99Ms`. */
  measured: Measured
  megabytes: Record<string, number>
  /** By variant; absent where there is no queue. */
  survival: Record<string, Survival>
}

const SLOTS = 8
const CLIENTS = 64
const POLL_MS = 5
const TEXT = 'a'.repeat(1000)

export async function measurePeer(
  generator: LoadGenerator,
  peer: Peer,
  environment: string,
  pace: PeerPace,
): Promise<PeerResult> {
  const alone = peer.read ? await submitsAlone(generator, peer, environment, pace) : undefined
  const stacks = {
    [MILLRACE]: await startServedMillrace(SLOTS, true),
    [PEER]: await startPeerStack(peer, { environment, slots: SLOTS }),
  }
  try {
    const megabytes = await mapValues(stacks, idleMegabytes)
    const measured = await takeTurns(
      Object.entries(stacks).map(([name, stack]) => ({ name, round: () => roundOn(generator, stack, pace) })),
      pace.rounds,
    )
    const queued = peer.read ? stacks : {}
    const survival = await mapValues(queued, (stack) => surviveCrash(stack, stack.read!, pace.survivalMs))
    return { measured: alone ? joined(alone, measured) : measured, megabytes, survival }
  } finally {
    await Promise.all(Object.values(stacks).map((stack) => stack.stop()))
  }
}

/** Nobody works where that can be had, so that what is measured is the submit. */
async function submitsAlone(
  generator: LoadGenerator,
  peer: Peer,
  environment: string,
  { rounds, roundMs }: PeerPace,
): Promise<Measured> {
  const stacks = {
    [MILLRACE]: await startServedMillrace(SLOTS, false),
    [PEER]: await startPeerStack(peer, { environment, slots: SLOTS, works: false }),
  }
  const round = async (stack: ServedStack): Promise<Figures> => {
    const { perSecond } = await measureLoad(generator, stack, flood(stack, { durationMs: roundMs }))
    return { submitsPerSecond: perSecond as number }
  }
  try {
    const variants = Object.entries(stacks).map(([name, stack]) => ({ name, round: () => round(stack) }))
    return await takeTurns(variants, rounds)
  } finally {
    await Promise.all(Object.values(stacks).map((stack) => stack.stop()))
  }
}

async function roundOn(generator: LoadGenerator, stack: ServedStack, pace: PeerPace): Promise<Figures> {
  const burst = await measureLoad(generator, stack, burstOf(stack, pace.burst))
  const { p50Ms, p99Ms } = await measureLoad(generator, stack, {
    ...{ kind: 'sequence', url: stack.url, count: pace.singleJobs, submit: stack.submit(TEXT, 0) },
    ...(stack.read ? { read: stack.read, pollMs: POLL_MS } : {}),
    expectText: stack.doneText,
    againStatus: stack.busyStatus,
  })
  return {
    jobsPerSecond: burst.perSecond as number,
    jobUs: burst.allUs as number,
    p50Ms: p50Ms as number,
    p99Ms: p99Ms as number,
  }
}

const flood = (stack: ServedStack, end: { durationMs: number; most?: number }): LoadPlan => ({
  ...{ kind: 'flood', url: stack.url, connections: stack.mostClients ?? CLIENTS, idempotencyKeys: false },
  requests: [stack.submit(TEXT, 0)],
  ...end,
  expectStatus: stack.submitStatus,
  againStatus: stack.busyStatus,
})

function burstOf(stack: ServedStack, count: number): LoadPlan {
  if (!stack.read) return flood(stack, { durationMs: 120_000, most: count })
  const { url, submitStatus: expectStatus, read, doneText: expectText } = stack
  const submit = stack.submit(TEXT, 0)
  return { kind: 'burst', url, connections: CLIENTS, count, submit, expectStatus, read, pollMs: POLL_MS, expectText }
}

/** Of all that serves, Redis included. */
async function idleMegabytes({ pids, redis }: ServedStack): Promise<number> {
  const roots = Object.values(pids).flat()
  const all = new Set(roots.flatMap((pid) => [pid, ...descendantsOf(pid)]))
  const info = (await redis?.info('memory')) ?? ''
  const own = Number(/^used_memory_rss:(\d+)/m.exec(info)?.[1] ?? 0) / 1e6
  return proportionalMegabytes([...all]) + own
}

/** One after the other: they share the machine. */
async function mapValues<T, R>(values: Record<string, T>, act: (value: T) => Promise<R>): Promise<Record<string, R>> {
  const results: Record<string, R> = {}
  for (const [name, value] of Object.entries(values)) results[name] = await act(value)
  return results
}

/** Figures of both, asked for by their names. */
const joined = (a: Measured, b: Measured): Measured => {
  const of = (figure: string) => (figure === 'submitsPerSecond' ? a : b)
  return {
    rounds: b.rounds,
    median: (variant, figure) => of(figure).median(variant, figure),
    ratio: (first, second, figure) => of(figure).ratio(first, second, figure),
  }
}
