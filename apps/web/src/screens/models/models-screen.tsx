/** All models at a glance: what each is, whether it can run, and what waits. The first screen; shown by screens.ts. */
import type { ModelView } from '@millrace/client'
import type { QueueState } from '@millrace/contracts'
import { usePoll } from '../../data/use-poll.ts'
import { Badge } from '../../parts/badge.tsx'
import { LinkButton } from '../../parts/button.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import { durationText } from '../../parts/duration-text.ts'
import { Stat } from '../../parts/figures/stat.tsx'
import { Empty } from '../../parts/notices.tsx'
import { Page } from '../../parts/page.tsx'
import { ShowPolled } from '../../parts/polled.tsx'
import { hrefOf } from '../../router/place.ts'
import { words } from '../../words/words.ts'
import { stateOf } from './state-of.ts'
import './models-screen.css'

export function ModelsScreen() {
  const models = usePoll<{ data: ModelView[] }>('v1/models')
  // Beside them, and no fault where they cannot be read: the cards say the most important without.
  const queues = usePoll<{ data: QueueState[] }>('v1/queues')
  const queueOf = (name: string): QueueState | undefined => queues.data.value?.data.find(({ model }) => model === name)
  return (
    <Page title={words.models.title} lead={words.models.lead}>
      <ShowPolled of={models}>
        {({ data }) =>
          data.length === 0 ? (
            <NoModels />
          ) : (
            <ul class="model-cards">
              {data.map((model) => (
                <ModelCard key={model.name} model={model} queue={queueOf(model.name)} />
              ))}
            </ul>
          )
        }
      </ShowPolled>
    </Page>
  )
}

function NoModels() {
  return (
    <Empty title={words.models.none}>
      <p>{words.models.noneHint}</p>
      <p class="row">
        <code translate={false}>{words.models.noneCommand}</code>
        <CopyButton text={words.models.noneCommand} />
      </p>
    </Empty>
  )
}

function ModelCard({ model, queue }: { model: ModelView; queue: QueueState | undefined }) {
  const { tone, word, hint } = stateOf(model)
  const { name, version, description } = model
  const oldest = queue?.oldest_wait_seconds ?? null
  const rate = queue?.out_per_minute ?? null
  return (
    <li class="card model-card">
      <div class="model-head">
        <h2>
          <a class="model-link" href={hrefOf(['models', name])} translate={false}>
            {name}
          </a>
        </h2>
        {version !== '' && (
          <span class="muted small mono" translate={false}>
            {version}
          </span>
        )}
        <span class="push">
          <Badge tone={tone}>{word}</Badge>
        </span>
      </div>
      <p
        class={description === '' ? 'model-about muted' : 'model-about'}
        translate={description === '' ? undefined : false}
      >
        {description === '' ? words.models.noDescription : description}
      </p>
      {hint !== undefined && <p class="model-hint small">{hint}</p>}
      <ExampleLinks model={model} />
      <div class="model-foot">
        <dl class="stats">
          <Stat label={words.models.queued}>{model.queued.toLocaleString('en')}</Stat>
          <Stat label={words.models.running}>{model.running.toLocaleString('en')}</Stat>
          {oldest !== null && <Stat label={words.models.oldest}>{durationText(oldest * 1000)}</Stat>}
          {rate !== null && rate > 0 && <Stat label={words.models.rate}>{rate.toLocaleString('en')}</Stat>}
        </dl>
        <div class="row model-links">
          <LinkButton look="quiet" size="small" href={hrefOf(['jobs'], { q: `model:${name}` })}>
            {words.models.jobs}
          </LinkButton>
          <LinkButton look="quiet" size="small" href={hrefOf(['models', name, 'versions'])}>
            {words.models.versions}
          </LinkButton>
        </div>
      </div>
    </li>
  )
}

/** Each leads to a form that it has filled; nothing is sent before somebody presses Run there. */
function ExampleLinks({ model }: { model: ModelView & { examples?: readonly { name?: string }[] } }) {
  const examples = (model.examples ?? []).slice(0, 3)
  if (examples.length === 0) return null
  return (
    <ul class="row model-examples">
      {examples.map(({ name }, index) => (
        <li key={index}>
          <LinkButton size="small" href={hrefOf(['models', model.name], { example: String(index) })}>
            {`${words.models.tryIt}: ${name ?? index + 1}`}
          </LinkButton>
        </li>
      ))}
    </ul>
  )
}
