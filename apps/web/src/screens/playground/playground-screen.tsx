/** The playground of one model: give an input, run it, see what comes, find it again. Shown by screens.ts. */
import type { ModelView } from '@millrace/client'
import type { Job, JobKind } from '@millrace/contracts'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { CallError } from '../../data/call.ts'
import { readJob } from '../../data/read-job.ts'
import { session } from '../../data/session.ts'
import { usePoll } from '../../data/use-poll.ts'
import { isObject, parseJson } from '../../json/json.ts'
import { Empty } from '../../parts/notices.tsx'
import { Page } from '../../parts/page.tsx'
import { ShowPolled } from '../../parts/polled.tsx'
import { goTo, hrefOf } from '../../router/place.ts'
import { words } from '../../words/words.ts'
import type { ScreenProps } from '../screen-props.ts'
import { CodePanel } from './code-panel.tsx'
import { History } from './history.tsx'
import { InputPanel } from './input-panel.tsx'
import { JobRun } from './job-run.ts'
import { Playground } from './playground.ts'
import { RunPanel } from './run-panel.tsx'
import './playground.css'

/** How many earlier jobs are shown. */
const PAST_JOBS = 12

export function PlaygroundScreen({ params, query }: ScreenProps) {
  const name = params.name ?? ''
  const model = usePoll<ModelView>(`v1/models/${encodeURIComponent(name)}`)
  const found = model.data.value
  return (
    <Page title={name} lead={found?.description} actions={found?.training && <KindSwitch name={name} query={query} />}>
      <ShowPolled of={model}>
        {(shown) => (shown.version === '' ? <NotLoaded model={shown} /> : <PlaygroundOf model={shown} query={query} />)}
      </ShowPolled>
    </Page>
  )
}

/** Nothing is known of what it takes before it has loaded once. */
function NotLoaded({ model }: { model: ModelView }) {
  const isFailed = model.state === 'failed'
  return (
    <Empty title={isFailed ? words.playground.failedToLoad : words.playground.isLoading}>
      <p>{isFailed ? model.reason : words.playground.isLoadingHint}</p>
    </Empty>
  )
}

const kindIn = (query: URLSearchParams): JobKind => (query.get('kind') === 'training' ? 'training' : 'prediction')

function KindSwitch({ name, query }: { name: string; query: URLSearchParams }) {
  const kind = kindIn(query)
  return (
    <div class="switch" role="group" aria-label={words.playground.kind}>
      {(['prediction', 'training'] as const).map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={one === kind}
          onClick={() => goTo(hrefOf(['models', name], { kind: one === 'training' ? one : undefined }))}
        >
          {words.playground[one]}
        </button>
      ))}
    </div>
  )
}

function PlaygroundOf({ model, query }: { model: ModelView; query: URLSearchParams }) {
  const kind = model.training ? kindIn(query) : 'prediction'
  const schema = JSON.stringify(kind === 'training' ? model.training?.input_schema : model.input_schema)
  const playground = useMemo(() => new Playground(model.name, kind, JSON.parse(schema)), [model.name, kind, schema])
  const jobs = usePoll<{ data: Job[] }>(`v1/jobs?model=${encodeURIComponent(model.name)}&limit=${PAST_JOBS}`, 15_000)
  const run = useRun(query.get('job') ?? undefined, () => jobs.refresh())
  useFirstFill(playground, run, query)
  const open = (id: string | undefined): void =>
    goTo(hrefOf(['models', model.name], { job: id, kind: kind === 'training' ? kind : undefined }))
  const use = async (id: string): Promise<void> => {
    await fillFrom(playground, id)
    document.getElementById('play-input')?.scrollIntoView()
  }
  return (
    <>
      <div class="play">
        <InputPanel
          playground={playground}
          model={model}
          onJob={(id) => {
            open(id)
            jobs.refresh()
            // On a small screen the result is below.
            document.getElementById('play-result')?.scrollIntoView({ block: 'nearest' })
          }}
        />
        <RunPanel run={run} model={model} onAgain={({ id }) => void use(id)} />
      </div>
      <CodePanel playground={playground} withKey={session.value.state === 'open' && session.value.isKnown} />
      <History jobs={jobs} current={run?.id} onOpen={open} onUse={(id) => void use(id)} />
    </>
  )
}

/** The job that the address names, followed while it is shown. */
function useRun(id: string | undefined, onEnd: () => void): JobRun | undefined {
  const ended = useRef(onEnd)
  ended.current = onEnd
  const run = useMemo(() => (id === undefined ? undefined : new JobRun(id, () => ended.current())), [id])
  useEffect(() => {
    run?.start()
    return () => run?.stop()
  }, [run])
  return run
}

/** What the address says fills the form, once; it never sends anything. */
function useFirstFill(playground: Playground, run: JobRun | undefined, query: URLSearchParams): void {
  useEffect(() => {
    const given = query.get('input')
    const from = query.get('from') ?? run?.id
    if (given !== null) {
      const input = parseJson(given)
      if (isObject(input)) playground.fill(input, { kind: 'link' })
      else playground.note.value = { kind: 'link_broken' }
    } else if (from !== undefined) void fillFrom(playground, from)
    // Later changes of the address are those of this page itself.
  }, [playground])
}

async function fillFrom(playground: Playground, id: string): Promise<void> {
  try {
    const { job, input } = await readJob(id)
    if (input === null) playground.note.value = { kind: 'too_large' }
    else if (job.model === playground.model && job.kind === playground.kind) playground.fill(input)
  } catch (error) {
    if (!(error instanceof CallError)) throw error
    playground.refusal.value = error
  }
}
