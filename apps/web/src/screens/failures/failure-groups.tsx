/** Failed jobs by model, version, code and message. Shown by the screen of failures. */
import type { FailureGroup, Failures, JobFilter } from '@millrace/contracts'
import { plainLine } from '../../logs/plain-line.ts'
import { Ago } from '../../parts/ago.tsx'
import { shortWorker } from '../../parts/text/short-worker.ts'
import { hrefOf } from '../../router/place.ts'
import { words } from '../../words/words.ts'
import { quoted } from '../../search/split-words.ts'
import { FailureActions } from './failure-actions.tsx'

interface GroupsProps {
  found: Failures
  onRetry(filter: JobFilter): void
}

export function FailureGroups({ found: { data, groups_total }, onRetry }: GroupsProps) {
  const most = Math.max(...data.map(({ count }) => count), 1)
  return (
    <>
      <ul class="stack">
        {data.map((group) => (
          <Group key={group.id} group={group} most={most} onRetry={onRetry} />
        ))}
      </ul>
      {groups_total > data.length && <p class="muted">{words.failures.moreGroups(groups_total - data.length)}</p>}
    </>
  )
}

interface GroupProps extends Pick<GroupsProps, 'onRetry'> {
  group: FailureGroup
  /** Jobs in the largest group. */
  most: number
}

function Group({ group, most, onRetry }: GroupProps) {
  const { id, model, version, code, message, count, filter } = group
  return (
    <li class="card failure">
      <div class="failure-head">
        <h2 class="row">
          <span class="error-code">{code}</span>
          <span translate={false}>
            {model} <span class="muted">{version}</span>
          </span>
        </h2>
        <strong class="number">{words.failures.count(count)}</strong>
      </div>
      <p class="failure-message mono">{plainLine(message)}</p>
      <meter aria-label={words.failures.count(count)} value={count} min={0} max={most} />
      <Sample group={group} />
      <Where workers={group.workers} total={group.workers_total} />
      <FailureActions search={`model:${model} failure:${id}`} count={count} onRetry={() => onRetry(filter)} />
    </li>
  )
}

/** When they failed, and the newest of them. */
export function Sample({
  group: { first_at, last_at, jobs },
}: {
  group: Pick<FailureGroup, 'first_at' | 'last_at' | 'jobs'>
}) {
  return (
    <p class="row small muted">
      <span>
        {words.failures.first} <Ago at={first_at} />
      </span>
      <span>
        {words.failures.last} <Ago at={last_at} />
      </span>
      <span class="row">
        {words.failures.newest}:
        {jobs.slice(0, 3).map((id) => (
          <a key={id} class="mono" href={hrefOf(['jobs', id])} translate={false} title={id}>
            …{id.slice(-8)}
          </a>
        ))}
      </span>
    </p>
  )
}

function Where({ workers, total }: { workers: FailureGroup['workers']; total: number }) {
  return (
    <ul class="row small" aria-label={words.failures.where}>
      {workers.map(({ worker, device, count }) => (
        <li key={`${worker} ${device}`}>
          {worker === null ? (
            <span class="chip">{words.failures.noWorker}</span>
          ) : (
            <a
              class="chip"
              href={hrefOf(['jobs'], { q: placeSearch(worker, device) })}
              title={worker}
              translate={false}
            >
              {[shortWorker(worker), device].filter(Boolean).join(' ')}&nbsp;
              <span class="muted number">{count.toLocaleString()}</span>
            </a>
          )}
        </li>
      ))}
      {total > workers.length && <li class="muted">{words.failures.more(total - workers.length)}</li>}
    </ul>
  )
}

/** The failed jobs of a worker, and of one of its devices. */
export const placeSearch = (worker: string, device: string | null): string =>
  ['status:failed', `worker:${quoted(worker)}`, ...(device === null ? [] : [`device:${quoted(device)}`])].join(' ')
