/** Which workers there are, on which machines, and what runs on each of their devices. Shown by screens.ts. */
import type { WorkerView } from '@millrace/contracts'
import { usePoll } from '../../data/use-poll.ts'
import { LinkButton } from '../../parts/button.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import { Empty } from '../../parts/notices.tsx'
import { Page } from '../../parts/page.tsx'
import { ShowPolled } from '../../parts/polled.tsx'
import { hrefOf } from '../../router/place.ts'
import { words } from '../../words/words.ts'
import type { ScreenProps } from '../screen-props.ts'
import { newestVersion } from './newest-version.ts'
import { WorkerCard } from './worker-card.tsx'
import './workers-screen.css'

const text = words.workers

interface WorkerPage {
  data: WorkerView[]
  next_cursor: string | null
}

export function WorkersScreen({ query }: ScreenProps) {
  const cursor = query.get('after')
  const workers = usePoll<WorkerPage>(
    `v1/workers?limit=100${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
  )
  return (
    <Page title={text.title} lead={text.lead}>
      <ShowPolled of={workers}>
        {(page) => (page.data.length === 0 ? <NoWorkers /> : <Hosts page={page} onChange={() => workers.refresh()} />)}
      </ShowPolled>
    </Page>
  )
}

function NoWorkers() {
  return (
    <Empty title={text.none}>
      <p>{text.noneHint}</p>
      <p class="row">
        <code translate={false}>{text.noneCommand}</code>
        <CopyButton text={text.noneCommand} />
      </p>
    </Empty>
  )
}

function Hosts({ page: { data, next_cursor }, onChange }: { page: WorkerPage; onChange: () => void }) {
  const newest = newestVersion(data.map(({ millrace_version }) => millrace_version))
  const hosts = [...Map.groupBy(data, ({ host }) => host)].sort(([a], [b]) => (a < b ? -1 : 1))
  return (
    <>
      {hosts.map(([host, workers]) => (
        <section key={host} class="stack host">
          <h2>{text.host(host, workers.length)}</h2>
          <div class="worker-cards">
            {workers.map((worker) => (
              <WorkerCard key={worker.id} worker={worker} newest={newest} onChange={onChange} />
            ))}
          </div>
        </section>
      ))}
      {next_cursor !== null && <LinkButton href={hrefOf(['workers'], { after: next_cursor })}>{text.more}</LinkButton>}
    </>
  )
}
