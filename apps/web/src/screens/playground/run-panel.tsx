/** The right half of the playground: the job that runs or was opened, from its place in the line to its result. */
import type { ModelView } from '@millrace/client'
import type { Job } from '@millrace/contracts'
import { serverNow, tick } from '../../data/clock.ts'
import { outputPath } from '../../data/read-job.ts'
import { filesIn } from '../../json/file-in.ts'
import { Button, LinkButton } from '../../parts/button.tsx'
import { StatusBadge } from '../../parts/badge.tsx'
import { durationText } from '../../parts/duration-text.ts'
import { FaultNotice, Loading } from '../../parts/notices.tsx'
import { sizeText } from '../../parts/size-text.ts'
import { Result } from '../../results/result.tsx'
import { LogLines } from '../../results/streams/log-lines.tsx'
import { StreamedText } from '../../results/streams/streamed-text.tsx'
import { hrefOf } from '../../router/place.ts'
import { words } from '../../words/words.ts'
import { queueText } from './estimate-line.tsx'
import type { JobRun } from './job-run.ts'

interface RunPanelProps {
  run: JobRun | undefined
  model: ModelView
  onAgain: (run: JobRun) => void
}

export function RunPanel({ run, model, onAgain }: RunPanelProps) {
  return (
    <section class="card stack play-run" aria-labelledby="play-result">
      <h2 id="play-result">{words.playground.result}</h2>
      {run ? (
        <ShownRun key={run.id} run={run} model={model} onAgain={onAgain} />
      ) : (
        <p class="muted">{words.playground.nothingYet}</p>
      )}
    </section>
  )
}

function ShownRun({ run, model, onAgain }: RunPanelProps & { run: JobRun }) {
  const job = run.job.value
  const fault = run.fault.value
  return (
    <>
      {fault && <FaultNotice fault={fault} onRetry={() => void run.read()} />}
      {!job && !fault && <Loading />}
      {job && <RunHead run={run} job={job} onAgain={onAgain} />}
      {job && <Waiting run={run} />}
      {job?.error && <JobErrorShown error={job.error} />}
      <Output run={run} model={model} />
      {run.hasLog.value && (
        <details class="fold" open={job?.status === 'running' || job?.status === 'failed'}>
          <summary>{words.playground.log}</summary>
          <LogLines feed={run.lines} />
        </details>
      )}
      {!run.isLinked.value && job?.finished_at === null && <p class="small muted">{words.playground.linkLost}</p>}
    </>
  )
}

function RunHead({ run, job, onAgain }: { run: JobRun; job: Job; onAgain: (run: JobRun) => void }) {
  const isOpen = job.finished_at === null
  const isCanceling = run.isCanceling.value || job.cancel_requested
  return (
    <div class="row run-head">
      <span role="status">
        <StatusBadge status={job.status} />
      </span>
      <TimeOf job={job} />
      <span class="push" />
      {isOpen && (
        <Button size="small" busy={isCanceling} onClick={() => void run.cancel()}>
          {isCanceling ? words.playground.canceling : words.playground.cancel}
        </Button>
      )}
      {!isOpen && (
        <Button size="small" onClick={() => onAgain(run)}>
          {words.playground.again}
        </Button>
      )}
      <LinkButton size="small" look="quiet" href={hrefOf(['jobs', job.id])}>
        {words.playground.details}
      </LinkButton>
    </div>
  )
}

function TimeOf({ job }: { job: Job }) {
  const now = job.finished_at === null ? Math.max(tick.value, serverNow()) : 0
  const since = (time: string): string => durationText(Math.max(0, now - Date.parse(time)))
  if (job.status === 'queued')
    return <span class="muted number">{words.playground.queuedFor(since(job.created_at))}</span>
  if (job.finished_at === null) {
    return <span class="muted number">{words.playground.runningFor(since(job.started_at ?? job.created_at))}</span>
  }
  const seconds = job.metrics.run_seconds
  return seconds === null ? null : (
    <span class="muted number">{words.playground.took(durationText(seconds * 1000))}</span>
  )
}

function Waiting({ run }: { run: JobRun }) {
  const job = run.job.value
  const progress = run.progress.value
  const queue = run.queue.value
  if (job?.status === 'queued') return queue ? <p class="muted">{queueText(queue)}</p> : null
  if (job?.status !== 'running') return null
  return (
    <div class="run-progress">
      <progress max={1} value={progress?.fraction} aria-label={words.shell.status.running} />
      {progress && <span class="number">{Math.round(progress.fraction * 100)} %</span>}
      {progress?.message && <p class="small muted">{progress.message}</p>}
    </div>
  )
}

function JobErrorShown({ error }: { error: NonNullable<Job['error']> }) {
  const traceback = (error as { traceback?: unknown }).traceback ?? error.details?.traceback
  return (
    <div class="notice fault run-error" role="alert">
      <div>
        <strong translate={false}>{error.code}</strong>
        <p class="error-text">{error.message}</p>
        {typeof traceback === 'string' && (
          <details>
            <summary>{words.playground.traceback}</summary>
            <pre tabIndex={0}>{traceback}</pre>
          </details>
        )}
      </div>
    </div>
  )
}

function Output({ run, model }: { run: JobRun; model: ModelView }) {
  const job = run.job.value
  const output = run.output.value
  if (output?.kind === 'large') {
    return (
      <p>
        {words.playground.outputTooLarge(sizeText(output.bytes))}{' '}
        <a class="button small" href={outputPath(run.id)} download="output.json">
          {words.playground.saveOutput}
        </a>
      </p>
    )
  }
  const isShown = output !== undefined && (job?.status === 'succeeded' || output.value !== null)
  if (!isShown) return run.hasStream.value ? <StreamedText feed={run.chunks} /> : null
  const pictures = filesIn(run.input.value).filter(({ type }) => type.startsWith('image/'))
  const schema = job?.kind === 'training' ? model.training?.output_schema : model.output_schema
  return (
    <>
      {job?.partial && <p class="play-note">{words.playground.partial}</p>}
      <Result
        value={output.value}
        schema={schema}
        before={pictures.length === 1 ? pictures[0]?.url : undefined}
        onStale={() => void run.read()}
      />
    </>
  )
}
