/** How much of the work of jobs with checkpoints was done twice in a chaos run. Pure; called by judge.ts and print-report.ts. */
import type { Evidence, JobEvidence, Offence } from './evidence.ts'

/** What the model says at the end of each step. */
export const STEP = 'step '
/** Of the work of all jobs together. */
const MOST_TWICE = 0.05

const stepsOf = ({ events }: JobEvidence): number =>
  events.filter(({ event }) => event.type === 'log' && event.message.startsWith(STEP)).length

/** Steps that were done and those that were needed, of all jobs with checkpoints that succeeded. */
export function workOf(jobs: readonly JobEvidence[]): { done: number; needed: number } {
  const stepped = jobs.filter(({ plan, record }) => plan.input.steps > 1 && record.status === 'succeeded')
  return {
    done: stepped.reduce((sum, job) => sum + stepsOf(job), 0),
    needed: stepped.reduce((sum, { plan }) => sum + plan.input.steps, 0),
  }
}

/** I16: where workers are only asked to end, hardly any work is done twice, and none is left out. */
export function judgeWork({ jobs, faults }: Pick<Evidence, 'jobs' | 'faults'>): Offence[] {
  if (faults.length === 0 || faults.some(({ kind }) => kind !== 'drain')) return []
  const { done, needed } = workOf(jobs)
  if (done >= needed && done <= needed * (1 + MOST_TWICE)) return []
  return [{ counts: 'wrong', invariant: 'I16', what: `${done} steps were done where ${needed} were needed` }]
}
