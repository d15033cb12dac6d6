/** What must hold between the jobs of a chaos run and what their tenants are told to have used. Pure; called by judge.ts. */
import { isTerminal, type JobStatus, type JsonValue } from '@millrace/contracts'
import type { Evidence, JobEvidence, Offence } from './evidence.ts'

/** In the order in which Redis keeps them. */
const NAMES = [
  ...['submitted', 'reran', 'succeeded', 'failed', 'expired', 'canceled'],
  ...['queue_ms', 'run_ms', 'device_ms', 'bytes_in', 'bytes_out'],
] as const
type Sums = { [Name in (typeof NAMES)[number]]: number }

export type UsedEvidence = Pick<JobEvidence, 'plan' | 'record'>

/** I15: each tenant has used what the records of its jobs say, to the job, the millisecond of a run and the byte. */
export function judgeUsage({ jobs, used }: { jobs: readonly UsedEvidence[] } & Pick<Evidence, 'used'>): Offence[] {
  const tenants = new Set([...jobs.map(({ plan }) => plan.tenant), ...Object.keys(used)])
  return [...tenants].flatMap((tenant) => {
    const counted = sumOf(used[tenant] ?? [])
    const told = recordedFor(jobs.filter(({ plan }) => plan.tenant === tenant))
    const faults = NAMES.filter((name) => name in told && told[name] !== counted[name]).map(
      (name) => `${tenant} is told of ${counted[name]} ${name}, and the records say ${told[name]}`,
    )
    // What was lost is held against its tenant too, for as long as nobody knew.
    if (counted.device_ms < counted.run_ms) faults.push(`${tenant} is told of less device time than its models ran`)
    return faults.map((what) => ({ counts: 'wrong' as const, invariant: 'I15', what }))
  })
}

const sumOf = (buckets: readonly string[]): Sums => {
  const numbers = buckets.map((bucket) => bucket.split(' ').map(Number))
  return Object.fromEntries(
    NAMES.map((name, i) => [name, numbers.reduce((sum, bucket) => sum + (bucket[i] ?? 0), 0)]),
  ) as Sums
}

function recordedFor(jobs: readonly UsedEvidence[]): Partial<Sums> {
  const ended = (status: JobStatus) => jobs.filter(({ record }) => record.status === status)
  const expired = ended('failed').filter(({ record }) => codeOf(record) === 'expired')
  const add = (of: (record: JobEvidence['record']) => number) => jobs.reduce((sum, { record }) => sum + of(record), 0)
  return {
    ...{ submitted: jobs.filter(({ record }) => record.status !== undefined).length, reran: 0 },
    ...{ succeeded: ended('succeeded').length, failed: ended('failed').length, canceled: ended('canceled').length },
    ...{ expired: expired.length, run_ms: add(ranMs) },
    bytes_in: add(({ input, input_files }) => bytesOf(input) + bytesOfFiles(input_files)),
    bytes_out: add(({ output, output_files }) => bytesOf(output) + bytesOfFiles(output_files)),
  }
}

const codeOf = ({ error }: JobEvidence['record']): string => (JSON.parse(error || '{}') as { code?: string }).code ?? ''

/** Of each end of an attempt the sixth column says how long the model ran; a claim has its worker there. */
const ranMs = ({ moves = '' }: JobEvidence['record']): number =>
  moves
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([, status]) => status === 'queued' || isTerminal(status as JobStatus))
    .reduce((sum, columns) => sum + Number(columns[5] ?? 0), 0)

function bytesOf(text: string | undefined): number {
  const value = JSON.parse(text || 'null') as JsonValue | null
  if (value === null) return 0
  return 'inline' in value ? Buffer.byteLength(value.inline) : value.stored.size
}

const bytesOfFiles = (text: string | undefined): number =>
  (JSON.parse(text || '[]') as { size: number }[]).reduce((sum, { size }) => sum + size, 0)
