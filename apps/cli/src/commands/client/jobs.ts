/** `millrace jobs`: lists the submitted jobs, newest first. */
import { EXIT } from '../../command/exit-codes.ts'
import { terminalJson } from '@millrace/process'
import { JOB_STATUSES, type Job, type JobCounts } from '@millrace/contracts'
import { AT_ONCE, connect, JSON_FLAG, URL_FLAG } from '../../client/connect.ts'
import { FILTER_FLAGS, readFilter, STATUS_FLAG } from '../../client/filter-flags.ts'
import { formatSeconds, table } from '../../terminal/format.ts'
import { numberFlag } from '../../command/read-flags.ts'
import type { Command } from '../../command/command.ts'
import { firstLine } from '../../terminal/plain-text.ts'

const LIMIT = 20

export const jobsCommand: Command = {
  name: 'jobs',
  about: 'List jobs, newest first.',
  example: 'millrace jobs --model ocr --status failed,canceled --since 1h --metadata order=42',
  flags: [
    STATUS_FLAG,
    ...FILTER_FLAGS,
    { name: 'limit', type: 'string', about: `How many at most; default ${LIMIT}.` },
    { name: 'count', type: 'boolean', about: 'Say how many there are with each status instead.' },
    { ...JSON_FLAG, about: 'Print a JSON array of jobs and nothing else.' },
    URL_FLAG,
  ],
  async run(context) {
    const { flags } = context
    const filter = readFilter(flags)
    const limit = numberFlag(flags, 'limit', { whole: true }) ?? LIMIT
    const client = connect(context)
    if (flags.count === true) {
      showCounts(await client.count(filter, AT_ONCE), flags.json === true)
      return EXIT.done
    }
    const jobs: Job[] = []
    for await (const job of client.list({ ...AT_ONCE, ...filter, limit })) jobs.push(job)
    if (flags.json === true) console.log(terminalJson(jobs, 2))
    else if (jobs.length === 0) console.log('There are no such jobs.')
    else console.log(table([['ID', 'MODEL', 'STATUS', 'AGE', 'RUN', 'NOTE'], ...jobs.map(rowOf)]))
    return EXIT.done
  },
}

function showCounts(found: JobCounts, isJson: boolean): void {
  if (isJson) {
    console.log(terminalJson(found, 2))
    return
  }
  const rows = JOB_STATUSES.map((status) => [status, String(found.counts[status])])
  console.log(table([...rows, ['all', String(found.total)]]))
  if (found.searched_to !== null) console.log(`There may be more: only jobs since ${found.searched_to} were looked at.`)
}

function rowOf(job: Job): string[] {
  const age = formatSeconds(Math.max(0, (Date.now() - Date.parse(job.created_at)) / 1000))
  const run = job.metrics.run_seconds === null ? '' : formatSeconds(job.metrics.run_seconds)
  return [job.id, job.model, job.status, age, run, noteOf(job)]
}

function noteOf({ status, error, progress }: Job): string {
  if (status === 'running' && progress)
    return `${Math.round(progress.fraction * 100)} % ${firstLine(progress.message ?? '')}`
  return error ? `${error.code}: ${firstLine(error.message)}` : ''
}
