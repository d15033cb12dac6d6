/** Failed jobs by how and where they failed, and what to do about them. Shown by screens.ts. */
import { useState } from 'preact/hooks'
import type { Failures, JobFilter } from '@millrace/contracts'
import { AllDialog } from '../../bulk/all-dialog.tsx'
import { serverNow } from '../../data/clock.ts'
import { usePoll } from '../../data/use-poll.ts'
import { Empty } from '../../parts/notices.tsx'
import { Page } from '../../parts/page.tsx'
import { ShowPolled } from '../../parts/polled.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { clockText } from '../../parts/text/clock-text.ts'
import { LinkButton } from '../../parts/button.tsx'
import { goTo, hrefOf } from '../../router/place.ts'
import { filterOfSearch, queryOfFilter } from '../../search/filter-of-search.ts'
import { readSearch } from '../../search/read-search.ts'
import { SearchBox } from '../../search-box/search-box.tsx'
import { words } from '../../words/words.ts'
import { learnValues, useModelNames } from '../jobs/known-values.ts'
import type { ScreenProps } from '../screen-props.ts'
import { FailureGroups } from './failure-groups.tsx'
import { FailurePlaces } from './failure-places.tsx'
import './failures.css'

/** Thousands of jobs are read for one answer. */
const PACE_MS = 30_000

export function FailuresScreen({ query }: ScreenProps) {
  const line = query.get('q') ?? ''
  const { terms, faults } = readSearch(line, serverNow())
  const models = useModelNames()
  return (
    <Page title={words.failures.title}>
      <SearchBox
        line={line}
        faults={faults}
        known={learnValues(models)}
        onSearch={(q) => goTo(hrefOf(['failures'], { q }))}
      />
      {faults.length === 0 && (
        <Found key={line} line={line} cursor={query.get('after') ?? undefined} isSearch={terms.length > 0} />
      )}
    </Page>
  )
}

interface FoundProps {
  line: string
  cursor: string | undefined
  isSearch: boolean
}

function Found({ line, cursor, isSearch }: FoundProps) {
  // Once: a time like `1h` would be another question each time that it is asked.
  const [path] = useState(() => {
    const { status: _, ...filter } = filterOfSearch(
      readSearch(line, serverNow()).terms.map(({ term }) => term),
      serverNow(),
    )
    const query = queryOfFilter(filter)
    if (cursor !== undefined) query.set('cursor', cursor)
    return `v1/failures?${query}`
  })
  const poll = usePoll<Failures>(path, PACE_MS)
  const [retried, setRetried] = useState<JobFilter>()
  return (
    <ShowPolled of={poll}>
      {(found) =>
        found.matched === 0 && found.searched_to === null ? (
          <Empty title={isSearch ? words.failures.noMatch : words.failures.none}>
            <p>{words.failures.noneHint}</p>
          </Empty>
        ) : (
          <>
            <Looked found={found} line={line} />
            <Tabs
              label={words.failures.title}
              tabs={[
                {
                  id: 'kinds',
                  title: words.failures.kinds,
                  content: () => <FailureGroups found={found} onRetry={setRetried} />,
                },
                {
                  id: 'places',
                  title: words.failures.places,
                  content: () => <FailurePlaces found={found} onRetry={setRetried} />,
                },
              ]}
            />
            {retried && (
              <AllDialog
                kind="retry"
                filter={retried}
                onClose={() => {
                  setRetried(undefined)
                  poll.refresh()
                }}
              />
            )}
          </>
        )
      }
    </ShowPolled>
  )
}

function Looked({ found, line }: { found: Failures; line: string }) {
  const { matched, searched, searched_to, next_cursor } = found
  return (
    <p class="row muted">
      {words.failures.looked(matched, searched)}
      {searched_to !== null && ` ${words.failures.lookedTo(clockText(searched_to))}`}
      {next_cursor !== null && (
        <LinkButton size="small" href={hrefOf(['failures'], { q: line, after: next_cursor })}>
          {words.failures.goOn}
        </LinkButton>
      )}
    </p>
  )
}
