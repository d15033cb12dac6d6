/** Rows of jobs, to be read, chosen and gone through with the keyboard. Shown by the list of jobs. */
import { useEffect, useRef } from 'preact/hooks'
import type { Job } from '@millrace/contracts'
import { StatusBadge } from '../../parts/badge.tsx'
import { durationText } from '../../parts/duration-text.ts'
import { Ago } from '../../parts/ago.tsx'
import { tick } from '../../data/clock.ts'
import { hrefOf } from '../../router/place.ts'
import type { SearchTerm } from '../../search/search-term.ts'
import { writeSearch, writeTerm } from '../../search/write-search.ts'
import { words } from '../../words/words.ts'
import type { JobRow } from './merge-page.ts'

interface TableProps {
  rows: readonly JobRow[]
  terms: readonly SearchTerm[]
  chosen: ReadonlySet<string>
  onChoose(chosen: ReadonlySet<string>): void
}

export function JobTable({ rows, terms, chosen, onChoose }: TableProps) {
  const body = useRef<HTMLTableSectionElement>(null)
  useRowKeys(body)
  const isAll = rows.every(({ job }) => chosen.has(job.id))
  const choose = (id: string, isChosen: boolean): void => {
    const next = new Set(chosen)
    if (isChosen) next.add(id)
    else next.delete(id)
    onChoose(next)
  }
  const names = words.jobs.columns
  return (
    <table class="job-table">
      <thead>
        <tr>
          <th class="pick">
            <input
              type="checkbox"
              aria-label={words.jobs.selectPage}
              checked={isAll}
              indeterminate={!isAll && chosen.size > 0}
              onChange={() => onChoose(new Set(isAll ? [] : rows.map(({ job }) => job.id)))}
            />
          </th>
          {[names.job, names.status, names.model, names.created].map((name) => (
            <th key={name}>{name}</th>
          ))}
          {[names.waited, names.ran, names.attempts].map((name) => (
            <th key={name} class="right">
              {name}
            </th>
          ))}
          <th>{names.labels}</th>
        </tr>
      </thead>
      <tbody ref={body}>
        {rows.map((row) => (
          <Row key={row.job.id} row={row} terms={terms} isChosen={chosen.has(row.job.id)} onChoose={choose} />
        ))}
      </tbody>
    </table>
  )
}

interface RowProps extends Pick<TableProps, 'terms'> {
  row: JobRow
  isChosen: boolean
  onChoose(id: string, isChosen: boolean): void
}

function Row({ row: { job, state }, terms, isChosen, onChoose }: RowProps) {
  const { id, model, version, status, error, attempt, max_attempts, created_at } = job
  return (
    <tr class={state === 'matches' ? undefined : 'stale'} aria-selected={isChosen}>
      <td class="pick">
        <input
          type="checkbox"
          aria-label={words.jobs.select(id)}
          checked={isChosen}
          disabled={state === 'gone'}
          onChange={(event) => onChoose(id, event.currentTarget.checked)}
        />
      </td>
      <td class="id">
        <a href={hrefOf(['jobs', id])} class="mono" translate={false} title={id}>
          {shortId(id)}
        </a>
        {state !== 'matches' && (
          <span class="muted small">{state === 'gone' ? words.jobs.gone : words.jobs.changed}</span>
        )}
      </td>
      <td class="state">
        <StatusBadge status={status} />
        {status === 'running' && job.progress && <Progress fraction={job.progress.fraction} />}
        {error && (
          <a
            class="error-code small"
            href={withTerm(terms, { is: 'condition', name: 'code', value: error.code })}
            title={error.message}
          >
            {error.code}
          </a>
        )}
      </td>
      <td class="model" translate={false}>
        <a href={withTerm(terms, { is: 'condition', name: 'model', value: model })}>{model}</a>{' '}
        <span class="muted small">{version}</span>
      </td>
      <td class="created muted">
        <Ago at={created_at} />
      </td>
      <td class="right number" data-name={words.jobs.columns.waited}>
        {durationOr(waitedMs(job))}
      </td>
      <td class="right number" data-name={words.jobs.columns.ran}>
        {durationOr(ranMs(job))}
      </td>
      <td class="right number" data-name={words.jobs.columns.attempts}>
        {attempt === 0 ? '' : words.jobs.attempts(attempt, max_attempts)}
      </td>
      <td class="labels">
        <Labels job={job} terms={terms} />
      </td>
    </tr>
  )
}

function Progress({ fraction }: { fraction: number }) {
  const percent = Math.round(fraction * 100)
  return <span class="muted small number">{words.jobs.percent(percent)}</span>
}

function Labels({ job: { metadata }, terms }: { job: Job; terms: readonly SearchTerm[] }) {
  const entries = Object.entries(metadata)
  if (entries.length === 0) return null
  return (
    <ul class="row">
      {entries.slice(0, 4).map(([key, value]) => {
        const term: SearchTerm = { is: 'label', key, value }
        return (
          <li key={key}>
            <a class="chip" href={withTerm(terms, term)} title={words.jobs.filterBy(writeTerm(term))} translate={false}>
              <span class="muted">{key}</span>&nbsp;{value}
            </a>
          </li>
        )
      })}
      {entries.length > 4 && <li class="muted small">{words.jobs.moreLabels(entries.length - 4)}</li>}
    </ul>
  )
}

/** The tag of the model is the same in most rows: what tells jobs apart is the end. */
const shortId = (id: string): string => `job_…${id.slice(-10)}`

/** The search with one more condition, in place of one of the same name. */
function withTerm(terms: readonly SearchTerm[], term: SearchTerm): string {
  const nameOf = (one: SearchTerm): string =>
    one.is === 'label' ? `=${one.key}` : one.is === 'condition' ? one.name : one.id
  return hrefOf(['jobs'], { q: writeSearch([...terms.filter((one) => nameOf(one) !== nameOf(term)), term]) })
}

const durationOr = (ms: number | undefined): string => (ms === undefined ? '' : durationText(ms))

/** Until its model began; of a job that waits, until now. */
function waitedMs({ status, metrics, created_at, run_at }: Job): number | undefined {
  if (status !== 'queued') return metrics.queue_seconds === null ? undefined : metrics.queue_seconds * 1000
  return Math.max(0, tick.value - Math.max(Date.parse(created_at), run_at === null ? 0 : Date.parse(run_at)))
}

function ranMs({ status, metrics, started_at }: Job): number | undefined {
  if (metrics.run_seconds !== null) return metrics.run_seconds * 1000
  return status === 'running' && started_at !== null ? Math.max(0, tick.value - Date.parse(started_at)) : undefined
}

/** `j` and `k` go through the rows, `x` chooses one; Enter opens it, as every link. */
function useRowKeys(body: { current: HTMLTableSectionElement | null }): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const from = event.target as Element | null
      const isTyping = from?.closest?.('input:not([type=checkbox]), textarea, select, dialog')
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !body.current) return
      const links = [...body.current.querySelectorAll<HTMLAnchorElement>('td.id a')]
      const row = from?.closest('tr')
      const at = links.findIndex((link) => link.closest('tr') === row)
      if (event.key === 'j') links[Math.min(at + 1, links.length - 1)]?.focus()
      else if (event.key === 'k') links[Math.max(at - 1, 0)]?.focus()
      else if (event.key === 'x' && at >= 0) row?.querySelector<HTMLInputElement>('td.pick input')?.click()
      else return
      event.preventDefault()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [body])
}
