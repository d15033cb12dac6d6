/**
 * I13: a job ran on the version that it is pinned to, or else on one with the contract that accepted it, which no two versions of
 * the chaos model share. The output says what made it, and the record what its last attempt was on. Called by judgeJob.
 */
import type { JobEvidence } from './evidence.ts'

export type VersionEvidence = Pick<JobEvidence, 'plan' | 'acceptedBy' | 'record' | 'output'>

export function versionFaults({ plan, acceptedBy, record, output }: VersionEvidence): string[] {
  const due = plan.version ?? acceptedBy
  const ran = [...(record.moves ?? '').matchAll(/\trunning\t.*\t(\S+)$/gm)].at(-1)?.[1]
  const versions = [ran ?? record.version].filter((version) => version !== undefined)
  if (record.status === 'succeeded' && output !== undefined) versions.push((JSON.parse(output) as Made).version)
  const wrong = versions.filter((version) => version !== due)
  return [...new Set(wrong)].map((version) =>
    plan.version === null
      ? `it ran on ${version}, whose contract is not that of ${due}, which accepted it`
      : `it ran on ${version} and is pinned to ${due}`,
  )
}

interface Made {
  version: string
}
