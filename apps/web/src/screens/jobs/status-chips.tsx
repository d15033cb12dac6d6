/** How many jobs there are of each status, as switches of the search. Shown by the screen of jobs. */
import type { JobCounts, JobStatus } from '@millrace/contracts'
import { clockText } from '../../parts/text/clock-text.ts'
import { hrefOf } from '../../router/place.ts'
import { type SearchTerm, STATUSES } from '../../search/search-term.ts'
import { writeSearch, writeTerm } from '../../search/write-search.ts'
import { words } from '../../words/words.ts'

interface ChipsProps {
  terms: readonly SearchTerm[]
  counts: JobCounts | undefined
}

export function StatusChips({ terms, counts }: ChipsProps) {
  const chosen = statusesOf(terms)
  const countOf = (status: JobStatus): string => shown(counts, counts?.counts[status])
  return (
    <div class="row chips">
      <ul class="row" aria-label={words.jobs.statusFilter}>
        <li>
          <a class="status-chip" href={hrefWith(terms, [])} aria-current={chosen.length === 0 ? 'true' : undefined}>
            {words.jobs.all} <span class="number">{shown(counts, counts?.total)}</span>
          </a>
        </li>
        {STATUSES.map((status) => (
          <li key={status}>
            <a
              class="status-chip"
              href={hrefWith(terms, toggled(chosen, status))}
              aria-current={chosen.includes(status) ? 'true' : undefined}
            >
              {words.shell.status[status]} <span class="number">{countOf(status)}</span>
            </a>
          </li>
        ))}
      </ul>
      <TermChips terms={terms} />
      {counts && !counts.is_exact && counts.searched_to !== null && (
        <span class="muted small">{words.jobs.countedTo(clockText(counts.searched_to))}</span>
      )}
    </div>
  )
}

/** What else is asked, each with a way to take it back. */
function TermChips({ terms }: Pick<ChipsProps, 'terms'>) {
  const others = terms.filter((term) => !isStatus(term))
  if (others.length === 0) return null
  return (
    <ul class="row">
      {others.map((term) => (
        <li key={writeTerm(term)}>
          <a
            class="chip removable"
            href={hrefOf(['jobs'], { q: writeSearch(terms.filter((one) => one !== term)) })}
            aria-label={words.jobs.remove(writeTerm(term))}
            translate={false}
          >
            {writeTerm(term)}
          </a>
        </li>
      ))}
    </ul>
  )
}

const isStatus = (term: SearchTerm): boolean => term.is === 'condition' && term.name === 'status'

const statusesOf = (terms: readonly SearchTerm[]): JobStatus[] =>
  terms.flatMap((term) =>
    term.is === 'condition' && term.name === 'status' ? (term.value.split(',') as JobStatus[]) : [],
  )

const toggled = (chosen: readonly JobStatus[], status: JobStatus): JobStatus[] =>
  STATUSES.filter((one) => chosen.includes(one) !== (one === status))

function hrefWith(terms: readonly SearchTerm[], statuses: readonly JobStatus[]): string {
  const others = terms.filter((term) => !isStatus(term))
  const status: SearchTerm[] =
    statuses.length === 0 ? [] : [{ is: 'condition', name: 'status', value: statuses.join(',') }]
  return hrefOf(['jobs'], { q: writeSearch([...status, ...others]) })
}

function shown(counts: JobCounts | undefined, count: number | undefined): string {
  if (!counts || count === undefined) return '…'
  const text = count.toLocaleString()
  return counts.is_exact ? text : words.jobs.atLeast(text)
}
