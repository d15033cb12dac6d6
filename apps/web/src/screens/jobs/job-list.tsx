/** A page of jobs: what is new, the rows, what to do with some of them, and the way to older ones. Shown by the screen of jobs. */
import { useEffect, useState } from 'preact/hooks'
import { Button, LinkButton } from '../../parts/button.tsx'
import { Empty } from '../../parts/notices.tsx'
import { clockText } from '../../parts/text/clock-text.ts'
import { hrefOf } from '../../router/place.ts'
import type { SearchTerm } from '../../search/search-term.ts'
import { writeSearch } from '../../search/write-search.ts'
import { words } from '../../words/words.ts'
import { BulkBar } from '../../bulk/bulk-bar.tsx'
import { JobTable } from './job-table.tsx'
import type { JobPages } from './job-pages.ts'
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
      <BulkBar
        ids={ids}
        filter={terms.length > 0 ? pages.filter : undefined}
        onNone={() => setChosen(new Set())}
        onDone={() => {
          setChosen(new Set())
          void pages.refresh()
        }}
      />
      {rows.length === 0 ? (
        <NoJobs pages={pages} isSearch={terms.length > 0} />
      ) : (
        <JobTable rows={rows} terms={terms} chosen={chosen} onChoose={setChosen} />
      )}
      <Pager pages={pages} terms={terms} after={after} />
    </>
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
