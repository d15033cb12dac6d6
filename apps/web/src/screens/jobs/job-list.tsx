/** A page of jobs: what is new, the rows, what to do with some of them, and the way to older ones. Shown by the screen of jobs. */
import { useEffect, useState } from 'preact/hooks'
import { Button, LinkButton } from '../../parts/button.tsx'
import { Empty } from '../../parts/notices.tsx'
import { clockText } from '../../parts/clock-text.ts'
import { hrefOf } from '../../router/place.ts'
import type { SearchTerm } from '../../search/search-term.ts'
import { writeSearch } from '../../search/write-search.ts'
import { words } from '../../words/words.ts'
import { BulkBar } from '../../bulk/bulk-bar.tsx'
import { JobTable } from './job-table.tsx'
import { type JobPages, PAGE_SIZE } from './job-pages.ts'
import { learnFrom } from './known-values.ts'
import type { JobRow } from './merge-page.ts'

interface JobListProps {
  pages: JobPages
  terms: readonly SearchTerm[]
  rows: readonly JobRow[]
  after: string | undefined
}

export function JobList({ pages, terms, rows, after }: JobListProps) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  useEffect(() => learnFrom(rows.map(({ job }) => job)), [rows])
  const ids = rows.map(({ job }) => job.id).filter((id) => chosen.has(id))
  return (
    <>
      <div class="row list-bar">
        <BulkBar
          ids={ids}
          filter={terms.length > 0 ? pages.filter : undefined}
          onNone={() => setChosen(new Set())}
          onDone={() => {
            setChosen(new Set())
            void pages.refresh()
          }}
        />
        <LiveSwitch pages={pages} />
      </div>
      {rows.length === 0 ? (
        <NoJobs pages={pages} isSearch={terms.length > 0} />
      ) : (
        <JobTable rows={rows} terms={terms} chosen={chosen} onChoose={setChosen} />
      )}
      <Pager pages={pages} terms={terms} after={after} />
    </>
  )
}

/** New jobs are told and not shoved in; all of it can stand still. */
function LiveSwitch({ pages }: { pages: JobPages }) {
  const isLive = pages.isLive.value
  const fresh = pages.fresh.value
  return (
    <div class="row push" role="status">
      {fresh > 0 && (
        <Button size="small" look="main" aria-label={words.jobs.showFresh(fresh)} onClick={() => void pages.load()}>
          {words.jobs.fresh(fresh, fresh >= PAGE_SIZE)}
        </Button>
      )}
      <Button size="small" look="quiet" aria-pressed={isLive} onClick={() => pages.setLive(!isLive)}>
        <span class={isLive ? 'pulse' : 'pulse off'} aria-hidden="true" />
        {isLive ? words.jobs.live : words.jobs.paused}
      </Button>
    </div>
  )
}

function NoJobs({ pages, isSearch }: { pages: JobPages; isSearch: boolean }) {
  if (pages.searchedTo.value !== null) return null
  return isSearch ? (
    <Empty title={words.jobs.noMatch}>
      <p>{words.jobs.noMatchHint}</p>
      <LinkButton href={hrefOf(['jobs'])}>{words.jobs.clear}</LinkButton>
    </Empty>
  ) : (
    <Empty title={words.jobs.none}>
      <p>{words.jobs.noneHint}</p>
      <LinkButton href={hrefOf([])}>{words.shell.toStart}</LinkButton>
    </Empty>
  )
}

function Pager({ pages, terms, after }: Pick<JobListProps, 'pages' | 'terms' | 'after'>) {
  const next = pages.next.value
  const searchedTo = pages.searchedTo.value
  const q = writeSearch(terms)
  return (
    <nav class="row pager" aria-label={words.jobs.pages}>
      {searchedTo !== null && next !== null && (
        <p class="row">
          {words.jobs.searchedTo(clockText(searchedTo))}
          <Button size="small" busy={pages.isSearching.value} onClick={() => void pages.goOn()}>
            {words.jobs.goOn}
          </Button>
        </p>
      )}
      {after !== undefined && <LinkButton href={hrefOf(['jobs'], { q })}>{words.jobs.newest}</LinkButton>}
      {next !== null && searchedTo === null && (
        <LinkButton href={hrefOf(['jobs'], { q, after: next })}>{words.jobs.older}</LinkButton>
      )}
    </nav>
  )
}
