/** Failed jobs by worker and device: one card that is broken stands out. Shown by the screen of failures. */
import type { FailurePlace, Failures, JobFilter } from '@millrace/contracts'
import { hrefOf } from '../../router/place.ts'
import { words } from '../../words/words.ts'
import { FailureActions } from './failure-actions.tsx'
import { placeSearch, Sample } from './failure-groups.tsx'

interface PlacesProps {
  found: Failures
  onRetry(filter: JobFilter): void
}

export function FailurePlaces({ found, onRetry }: PlacesProps) {
  const most = Math.max(...found.places.map(({ count }) => count), 1)
  const names = new Map(found.data.map((group) => [group.id, group]))
  return (
    <>
      <ul class="stack">
        {found.places.map((place) => (
          <li key={`${place.worker} ${place.device}`} class="card failure">
            <div class="failure-head">
              <h2 translate={false}>{placeName(place)}</h2>
              <strong class="number">{words.failures.count(place.count)}</strong>
            </div>
            <meter aria-label={words.failures.count(place.count)} value={place.count} min={0} max={most} />
            <Sample group={place} />
            <ul class="row small" aria-label={words.failures.of}>
              {place.failures.map(({ id, count }) => {
                const group = names.get(id)
                return (
                  <li key={id}>
                    <a class="chip" href={hrefOf(['jobs'], { q: `failure:${id}` })} title={group?.message}>
                      {group ? `${group.model} ${group.code}` : id.slice(0, 12)}&nbsp;
                      <span class="muted number">{count.toLocaleString()}</span>
                    </a>
                  </li>
                )
              })}
            </ul>
            <PlaceActions place={place} onRetry={onRetry} />
          </li>
        ))}
      </ul>
      {found.places_total > found.places.length && (
        <p class="muted">{words.failures.moreGroups(found.places_total - found.places.length)}</p>
      )}
    </>
  )
}

const placeName = ({ worker, device }: FailurePlace): string =>
  worker === null ? words.failures.noWorker : [worker, device].filter(Boolean).join(' · ')

function PlaceActions({
  place: { worker, device, count, filter },
  onRetry,
}: {
  place: FailurePlace
  onRetry(filter: JobFilter): void
}) {
  if (worker === null || filter === null) return null
  return <FailureActions search={placeSearch(worker, device)} count={count} onRetry={() => onRetry(filter)} />
}
