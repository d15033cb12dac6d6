/**
 * How many jobs of other tenants start before a job, by the shares of a line. Asked by readPlace.
 *
 * A tenant may learn nothing of another one, but how long its jobs will take depends on the others. So two things hold for what
 * is shown. Numbers of jobs (position, ahead) are those of the reader alone, and do not move with what others do. What others
 * have enters the ETA only in steps (`inSteps`): a reader who varies its own jobs and compares the ETAs learns the step and nothing finer.
 */
import type { LineView, Turn } from './line-view.ts'

/** Whose job it is, and where its tenant stands in the line. */
export interface Waiter {
  tenant: string
  /** Jobs of its tenant before it, in all lines of the same workers: these take its turn too. */
  before: number
  used: number
  weight: number
}

/**
 * Of each other tenant as many as it has the right to before this one has had `before` jobs, and no more than it has by then, for
 * it goes on to submit as it did of late: less, or more. Answers a count for each of PACES, in that order. Of tenants that were
 * not looked at it is taken that they are like the last that were.
 */
export function othersBefore(view: LineView, waiter: Waiter): number[] {
  const { turns, tenants, places, meanMs } = view
  const due = waiter.used + (waiter.before * meanMs) / waiter.weight
  const others = turns.filter(({ tenant }) => tenant !== waiter.tenant)
  const rights = others.map((turn) => rightsOf(turn, due, waiter, meanMs))
  const unseen = Math.max(0, tenants - turns.filter(({ waiting }) => waiting > 0).length)
  /** If the wait is so many runs long for each place. */
  const within = (runs: number, pace: number): number => {
    const counts = others.map(({ waiting, perMs, cap }, i) =>
      // Who is at its cap goes on as its own jobs end, whatever its turn.
      Math.min(rights[i] as number, waiting + pace * perMs * runs * meanMs, cap * (runs + 1)),
    )
    const last = counts.slice(-LIKE_THE_LAST)
    return sumOf(counts) + (last.length > 0 ? (unseen * sumOf(last)) / last.length : 0)
  }
  return PACES.map((pace) => {
    let count = 0
    for (let i = 0; i < ROUNDS; i++) count = within((waiter.before + count) / Math.max(1, places), pace)
    return count
  })
}

/** How others may submit from now on, against what they did of late: as likely one as the other, for they come in bursts. */
const PACES = [0.1, 0.25, 0.4, 0.55, 0.75, 1, 1.3, 1.8, 3, 6] as const
/** The longer the wait, the more come meanwhile, and the longer it is: after so many rounds it grows no more, or next to nothing. */
const ROUNDS = 10
/** Tenants by which those are judged that were not looked at. */
const LIKE_THE_LAST = 50

/** Its n-th job from now on is due when it has used n - 1 more; whoever is even with another goes by name. */
function rightsOf({ tenant, used, weight }: Turn, due: number, waiter: Waiter, meanMs: number): number {
  const more = ((due - used) * weight) / meanMs
  if (more < 0) return 0
  const whole = Math.ceil(more)
  return whole === more && tenant < waiter.tenant ? whole + 1 : whole
}

/** What others have counts in steps of a half: 1 to 3, 4 and 5, 6 to 8, 9 to 13, and so on. Answers the middle of the step. */
export function inSteps(count: number): number {
  if (count < 0.5) return 0
  let [from, next] = [1, 4]
  while (next <= count) [from, next] = [next, Math.ceil(next * 1.5)]
  return (from + next - 1) / 2
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0)
