/** The last jobs of the model, with a picture where there is one. Shown below the playground. */
import type { Job } from '@millrace/contracts'
import type { Polled } from '../../data/poll.ts'
import { filesIn } from '../../json/file-in.ts'
import { toJson } from '../../json/json.ts'
import { Ago } from '../../parts/ago.tsx'
import { StatusBadge } from '../../parts/badge.tsx'
import { Button } from '../../parts/button.tsx'
import { ShowPolled } from '../../parts/polled.tsx'
import { words } from '../../words/words.ts'

interface HistoryProps {
  jobs: Polled<{ data: Job[] }>
  current: string | undefined
  onOpen: (id: string) => void
  onUse: (id: string) => void
}

export function History({ jobs, current, onOpen, onUse }: HistoryProps) {
  return (
    <section class="stack" aria-labelledby="play-history">
      <h2 id="play-history">{words.playground.history}</h2>
      <ShowPolled of={jobs}>
        {({ data }) =>
          data.length === 0 ? (
            <p class="muted">{words.playground.noHistory}</p>
          ) : (
            <ul class="history">
              {data.map((job) => (
                <li key={job.id} aria-current={job.id === current ? 'true' : undefined}>
                  <PastJob
                    job={job}
                    onOpen={() => onOpen(job.id)}
                    onUse={() => onUse(job.id)}
                    onStale={() => jobs.refresh()}
                  />
                </li>
              ))}
            </ul>
          )
        }
      </ShowPolled>
    </section>
  )
}

interface PastJobProps {
  job: Job
  onOpen: () => void
  onUse: () => void
  onStale: () => void
}

function PastJob({ job, onOpen, onUse, onStale }: PastJobProps) {
  const picture = [job.output, job.input]
    .flatMap((value) => filesIn(toJson(value)))
    .find(({ type }) => type.startsWith('image/'))
  return (
    <article class="card past">
      {picture && <img class="thumb" src={picture.url} alt="" loading="lazy" onError={onStale} />}
      <div class="past-text">
        <span class="row">
          <StatusBadge status={job.status} />
          <span class="small muted">
            <Ago at={job.created_at} />
          </span>
        </span>
        {!picture && <p class="past-words small muted">{snippetOf(job)}</p>}
        <span class="row">
          <Button size="small" aria-label={words.playground.openJob(job.id)} onClick={onOpen}>
            {words.playground.open}
          </Button>
          <Button size="small" look="quiet" aria-label={words.playground.useJob(job.id)} onClick={onUse}>
            {words.playground.again}
          </Button>
        </span>
      </div>
    </article>
  )
}

const SNIPPET_CHARS = 140

function snippetOf({ output, input, error }: Job): string {
  if (error) return error.message.slice(0, SNIPPET_CHARS)
  return wordsOf(output ?? input).slice(0, SNIPPET_CHARS)
}

/** The values of an object, beside their names; of a file its name. */
function wordsOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return value === null ? '' : JSON.stringify(value)
  if (Array.isArray(value)) return value.slice(0, 20).map(wordsOf).join(' ')
  const file = value as { object?: string; name?: string }
  if (file.object === 'file') return file.name ?? ''
  const parts = Object.entries(value).filter(([, part]) => part !== null)
  return parts.map(([name, part]) => `${name}: ${wordsOf(part)}`).join(' · ')
}
