/** One job: how it stands and why, each attempt, and all that went in and came out. Shown by screens.ts. */
import { useEffect, useMemo } from 'preact/hooks'
import type { Job, WebhookDelivery } from '@millrace/contracts'
import { tick } from '../../data/clock.ts'
import { usePoll } from '../../data/use-poll.ts'
import { StatusBadge } from '../../parts/badge.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import { Page } from '../../parts/page.tsx'
import { ShowPolled } from '../../parts/polled.tsx'
import { hrefOf } from '../../router/place.ts'
import { timelineOfJob } from '../../timeline/timeline-of-job.ts'
import { waitSentence } from '../../waiting/wait-sentence.ts'
import { words } from '../../words/words.ts'
import type { ScreenProps } from '../screen-props.ts'
import { JobActions } from './job-actions.tsx'
import { JobFacts } from './job-facts.tsx'
import { JobTabs } from './job-tabs.tsx'
import { JobWatch } from './job-watch.ts'
import { TimelineView } from './timeline-view.tsx'
import './job-screen.css'

export function JobScreen({ params: { id = '' }, query }: ScreenProps) {
  const watch = useMemo(() => new JobWatch(id), [id])
  useEffect(() => {
    watch.start()
    return () => watch.stop()
  }, [watch])
  const deliveries = usePoll<{ data: WebhookDelivery[] }>(`v1/webhook-deliveries?job=${encodeURIComponent(id)}`, 10_000)
  const job = watch.poll.data.value?.job
  return (
    <Page
      title={words.job.title(id)}
      heading={
        <span class="row job-title">
          <span class="mono anywhere" translate={false}>
            {id}
          </span>
          <CopyButton text={id} />
        </span>
      }
      lead={job && <Lead job={job} isLinked={watch.isLinked.value} />}
      actions={job && <JobActions job={job} onDone={() => watch.poll.refresh()} />}
    >
      <ShowPolled of={watch.poll}>
        {(found) => (
          <>
            <Standing job={found.job} watch={watch} />
            <Life job={found.job} deliveries={deliveries.data.value?.data ?? []} />
            <JobTabs of={found} watch={watch} deliveries={deliveries} tab={query.get('tab') ?? undefined} />
            <JobFacts job={found.job} />
          </>
        )}
      </ShowPolled>
    </Page>
  )
}

function Lead({ job, isLinked }: { job: Job; isLinked: boolean }) {
  const { status, model, version, kind, rerun_of, finished_at } = job
  return (
    <span class="row">
      <StatusBadge status={status} />
      <a href={hrefOf(['models', model])} translate={false}>
        {model}
      </a>
      <span translate={false}>{version}</span>
      {kind !== 'prediction' && <span>{words.job.kinds[kind] ?? kind}</span>}
      {rerun_of !== null && (
        <a href={hrefOf(['jobs', rerun_of])} title={rerun_of}>
          {words.job.rerunOf}
        </a>
      )}
      {!isLinked && finished_at === null && <span class="small">{words.job.unlinked}</span>}
    </span>
  )
}

/** What there is to say of how it stands: why it waits, how far it is, why it failed. */
function Standing({ job, watch }: { job: Job; watch: JobWatch }) {
  const queue = watch.queue.value ?? job.queue
  const why = job.status === 'queued' ? waitSentence({ ...job, queue }, tick.value) : undefined
  const progress = job.status === 'running' ? watch.progress.value : null
  const isStopping = job.status === 'running' && job.cancel_requested
  if (!job.error && !progress && why === undefined && !isStopping) return null
  return (
    <section class="standing card" aria-label={words.job.standing}>
      {isStopping && <p class="muted">{words.job.wait.cancel}</p>}
      {why !== undefined && <p>{why}</p>}
      {progress && (
        <>
          <p class="anywhere">
            <strong class="number">{words.jobs.percent(Math.round(progress.fraction * 100))}</strong> {progress.message}
          </p>
          <progress aria-label={words.job.progress} value={progress.fraction} max={1} />
        </>
      )}
      {job.error && <JobFault error={job.error} isOver={job.status === 'failed'} />}
    </section>
  )
}

function JobFault({ error, isOver }: { error: NonNullable<Job['error']>; isOver: boolean }) {
  const { traceback, ...details } = error.details ?? {}
  const rest = Object.keys(details).length === 0 ? undefined : JSON.stringify(details, null, 2)
  return (
    <div class="job-fault stack-small">
      <p class="anywhere">
        <a class="error-code" href={hrefOf(['jobs'], { q: `code:${error.code}` })}>
          {error.code}
        </a>{' '}
        {error.message}
      </p>
      {!isOver && <p class="muted small">{words.job.lastTry}</p>}
      {typeof traceback === 'string' && (
        <details>
          <summary>{words.job.traceback}</summary>
          <pre class="block">{traceback}</pre>
        </details>
      )}
      {rest !== undefined && (
        <details>
          <summary>{words.job.details}</summary>
          <pre class="block">{rest}</pre>
        </details>
      )}
    </div>
  )
}

/** While the job goes on its bars grow each second. */
function Life({ job, deliveries }: { job: Job; deliveries: readonly WebhookDelivery[] }) {
  const nowMs = job.finished_at === null ? tick.value : 0
  return <TimelineView timeline={timelineOfJob(job, deliveries, nowMs)} />
}
