/** What else is known of a job: times, terms, labels. Shown by the screen of a job. */
import type { ComponentChildren } from 'preact'
import type { Job } from '@millrace/contracts'
import { durationText } from '../../parts/duration-text.ts'
import { Ago } from '../../parts/ago.tsx'
import { hrefOf } from '../../router/place.ts'
import { writeTerm } from '../../search/write-search.ts'
import { words } from '../../words/words.ts'

export function JobFacts({ job }: { job: Job }) {
  const names = words.job.facts
  const { priority, attempt, max_attempts, metrics, webhook } = job
  const crashes = job.attempts.filter(
    ({ outcome, error }) => outcome === 'worker_lost' || error === 'runner_crashed',
  ).length
  return (
    <section class="card" aria-label={words.job.about}>
      <dl class="job-facts">
        <When name={names.created} at={job.created_at} />
        <When name={names.runAt} at={job.run_at} />
        <When name={names.started} at={job.started_at} />
        <When name={names.finished} at={job.finished_at} />
        {job.status === 'queued' && attempt === 0 && <When name={names.expires} at={job.expires_at} />}
        <When name={names.purge} at={job.purge_at} />
        <Fact name={names.waited}>{metrics.queue_seconds !== null && durationText(metrics.queue_seconds * 1000)}</Fact>
        <Fact name={names.ran}>{metrics.run_seconds !== null && durationText(metrics.run_seconds * 1000)}</Fact>
        <Fact name={names.attempts}>{words.job.attemptsOf(attempt, max_attempts, crashes)}</Fact>
        <Fact name={names.priority}>{priority}</Fact>
        <Fact name={names.webhook}>{webhook && `${webhook.host} (${webhook.events.join(', ')})`}</Fact>
        <Fact name={names.labels}>
          {Object.keys(job.metadata).length > 0 && (
            <ul class="row">
              {Object.entries(job.metadata).map(([key, value]) => (
                <li key={key}>
                  <a
                    class="chip"
                    href={hrefOf(['jobs'], { q: writeTerm({ is: 'label', key, value }) })}
                    translate={false}
                  >
                    <span class="muted">{key}</span>&nbsp;{value}
                  </a>
                </li>
              ))}
            </ul>
          )}
        </Fact>
        <Fact name={names.measured}>
          {metrics.model && <pre class="block">{JSON.stringify(metrics.model, null, 2)}</pre>}
        </Fact>
      </dl>
    </section>
  )
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  if (children === null || children === false || children === undefined || children === '') return null
  return (
    <div>
      <dt>{name}</dt>
      <dd class="anywhere">{children}</dd>
    </div>
  )
}

const When = ({ name, at }: { name: string; at: string | null }) => (
  <Fact name={name}>{at !== null && <Ago at={at} />}</Fact>
)
