/** How long a job was in each phase, over all attempts. Called by the screen of a job. */
import { type Phase, PHASES, type Timeline } from './timeline.ts'

export function sumPhases({ rows }: Pick<Timeline, 'rows'>): { phase: Phase; ms: number }[] {
  const sums = new Map<Phase, number>()
  for (const { bars } of rows) {
    for (const { phase, fromMs, toMs } of bars) sums.set(phase, (sums.get(phase) ?? 0) + toMs - fromMs)
  }
  return PHASES.flatMap((phase) => {
    const ms = sums.get(phase)
    return ms === undefined ? [] : [{ phase, ms }]
  })
}
