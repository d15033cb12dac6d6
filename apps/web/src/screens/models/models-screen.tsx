/** All models at a glance. The first screen; shown by screens.ts. */
import type { ModelView } from '@millrace/client'
import { usePoll } from '../../data/use-poll.ts'
import { Badge } from '../../parts/badge.tsx'
import { Empty } from '../../parts/notices.tsx'
import { Page } from '../../parts/page.tsx'
import { ShowPolled } from '../../parts/polled.tsx'
import { hrefOf } from '../../router/place.ts'
import { words } from '../../words/words.ts'
import './models-screen.css'

export function ModelsScreen() {
  const models = usePoll<{ data: ModelView[] }>('v1/models')
  return (
    <Page title={words.models.title}>
      <ShowPolled of={models}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title={words.models.none}>{words.models.noneHint}</Empty>
          ) : (
            <ul class="model-cards">
              {data.map((model) => (
                <ModelCard key={model.name} model={model} />
              ))}
            </ul>
          )
        }
      </ShowPolled>
    </Page>
  )
}

function ModelCard({ model }: { model: ModelView }) {
  return (
    <li class="card">
      <h2>
        <a href={hrefOf(['models', model.name])} translate={false}>
          {model.name}
        </a>
      </h2>
      <Badge tone={model.ready ? 'good' : 'still'}>{`${model.workers} ${words.models.workers}`}</Badge>
    </li>
  )
}
