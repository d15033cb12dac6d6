/** The words of the screen of failures. Merged in words.ts. */
const jobs = (count: number): string => `${count.toLocaleString()} ${count === 1 ? 'job' : 'jobs'}`

export const FAILURES_WORDS = {
  title: 'Failures',
  none: 'No job has failed',
  noneHint: 'Failed jobs stand here by model, version, error and message, as long as they are kept.',
  noMatch: 'No failed job matches',
  kinds: 'By error',
  places: 'By worker and device',
  looked: (matched: number, searched: number) =>
    matched === searched
      ? `${jobs(matched)} that failed`
      : `${matched.toLocaleString()} of ${searched.toLocaleString()} failed jobs match`,
  lookedTo: (time: string) => `back to ${time}`,
  goOn: 'Look further back',
  count: (count: number) => jobs(count),
  first: 'first',
  last: 'last',
  retry: (count: number) => `Retry ${count.toLocaleString()}`,
  show: 'Show the jobs',
  newest: 'Newest',
  where: 'Where',
  noWorker: 'no worker ever had them',
  more: (count: number) => `+${count}`,
  moreGroups: (count: number) => `${count.toLocaleString()} smaller groups are not shown: search for less.`,
  of: 'Errors',
}
