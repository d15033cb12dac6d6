/** Writes the versions of a model for people, and what happened to them. Called by the commands that steer versions. */
import type { SteeringEventView, VersionList, VersionView } from '@millrace/client'
import { terminalJson } from '@millrace/process'
import { EXIT } from '../command/exit-codes.ts'
import { table } from '../terminal/format.ts'

export function showVersions(list: VersionList, { json = false, events = 3 } = {}): number {
  if (json) console.log(terminalJson(list, 2))
  else console.log(textOf(list, events))
  return EXIT.done
}

function textOf({ data, contracts, current, events }: VersionList, most: number): string {
  const head = ['VERSION', 'CURRENT', 'TRAFFIC', 'WORKERS', 'QUEUED', 'SUCCEEDED', 'FAILED', 'SINCE']
  const notes = [
    ...(current.set_by === 'operator' ? ['The current version was set: a newer one does not take over.'] : []),
    ...data.flatMap((one) => (one.returned ? [returnedNote(one.version, one.returned)] : [])),
    ...contracts.flatMap(({ contract, queued, note }) =>
      note ? [`Contract ${contract}: ${queued} wait. ${note}`] : [],
    ),
  ]
  const story = events.slice(0, most).map((event) => `${event.at}  ${sentenceOf(event)}`)
  return [
    table([head, ...data.map(rowOf)]),
    ...(notes.length > 0 ? ['', ...notes] : []),
    ...(story.length > 0 ? ['', ...story] : []),
  ].join('\n')
}

const rowOf = ({ version, current, traffic, workers, queued, outcomes, introduced_at }: VersionView): string[] => [
  ...[version, current ? 'yes' : '', traffic === null ? '-' : `${traffic} %`, String(workers), String(queued ?? '-')],
  ...[outcomes ? String(outcomes.succeeded) : '-', outcomes ? String(outcomes.failed) : '-', introduced_at],
]

const returnedNote = (version: string, { share, at, ...rest }: NonNullable<VersionView['returned']>): string =>
  `${version} lost its ${share} % at ${at}: ${comparison(rest)}.`

const comparison = (facts: Pick<SteeringEventView, 'failed' | 'jobs' | 'others_failed' | 'others_jobs'>): string =>
  `${facts.failed ?? 0} of ${facts.jobs ?? 0} jobs failed, of the others ${facts.others_failed ?? 0} of ${facts.others_jobs ?? 0}`

function sentenceOf(event: SteeringEventView): string {
  const { type, version = '', from, follows, shares = [], share = 0 } = event
  switch (type) {
    case 'promoted':
      return `${version} was promoted${from ? `, after ${from}` : ''}${follows ? '; the newest is current from then on' : ''}.`
    case 'rolled_back':
      return `${version} is current again, after ${from ?? ''}.`
    case 'followed':
      return `${version} became current by itself, after ${from ?? ''}.`
    case 'traffic':
      return `Traffic was split: ${shares.map((one) => `${one.version} ${one.share} %`).join(', ')}.`
    case 'traffic_ended':
      return 'The split of traffic ended.'
    case 'returned':
      return `${version} lost its ${share} %: ${comparison(event)}.`
    case 'unserved':
      return `No worker has ${version}: its ${share} % go to the current version.`
    case 'served':
      return `A worker has ${version} again.`
    default:
      return `${type} ${version}`.trim()
  }
}
