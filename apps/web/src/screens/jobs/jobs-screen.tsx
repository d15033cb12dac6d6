/** All jobs, by one search line: what there is of each status, and a page of them. Shown by screens.ts. */
import { useEffect, useMemo } from 'preact/hooks'
import { serverNow } from '../../data/clock.ts'
import { FaultNotice, Loading } from '../../parts/notices.tsx'
import { Page } from '../../parts/page.tsx'
import { goTo, hrefOf } from '../../router/place.ts'
import { readSearch } from '../../search/read-search.ts'
import { SearchBox } from '../../search-box/search-box.tsx'
import { words } from '../../words/words.ts'
import type { ScreenProps } from '../screen-props.ts'
import { JobList } from './job-list.tsx'
import { JobPages } from './job-pages.ts'
import { LiveSwitch } from './live-switch.tsx'
import { learnValues, useModelNames } from './known-values.ts'
import { StatusChips } from './status-chips.tsx'
import './jobs-screen.css'

const placeOf = (q: string): string => hrefOf(['jobs'], { q })

export function JobsScreen({ query }: ScreenProps) {
  const line = query.get('q') ?? ''
  const after = query.get('after') ?? undefined
  const read = useMemo(() => readSearch(line, serverNow()), [line])
  const terms = useMemo(() => read.terms.map(({ term }) => term), [read])
  const isRight = read.faults.length === 0
  const [only] = terms
  const jobId = only?.is === 'job' && isRight ? only.id : undefined
  const models = useModelNames()
  // An id in the search line is the job itself; there is nothing to list.
  useEffect(() => {
    if (jobId !== undefined) goTo(hrefOf(['jobs', jobId]), { replace: true })
  }, [jobId])
  return (
    <Page title={words.jobs.title}>
      <SearchBox line={line} faults={read.faults} known={learnValues(models)} onSearch={(q) => goTo(placeOf(q))} />
      {isRight && jobId === undefined && <Found key={`${line} ${after ?? ''}`} terms={terms} after={after} />}
    </Page>
  )
}

function Found({ terms, after }: Pick<ConstructorParameters<typeof JobPages>[0], 'terms' | 'after'>) {
  const pages = useMemo(() => new JobPages({ terms, after }), [])
  useEffect(() => {
    pages.start()
    return () => pages.stop()
  }, [pages])
  const fault = pages.fault.value
  const rows = pages.rows.value
  return (
    <>
      <div class="row list-head">
        <StatusChips terms={terms} counts={pages.counts.value} />
        <LiveSwitch pages={pages} />
      </div>
      {fault && <FaultNotice fault={fault} onRetry={() => void pages.load()} />}
      {rows === undefined ? !fault && <Loading /> : <JobList pages={pages} terms={terms} rows={rows} after={after} />}
    </>
  )
}
