/** The versions of a model: which takes new jobs, how they fare, and what happened to them. Shown by screens.ts. */
import type { ModelView, VersionList, VersionView } from '@millrace/client'
import { useState } from 'preact/hooks'
import { call } from '../../data/call.ts'
import { usePoll } from '../../data/use-poll.ts'
import { Ago } from '../../parts/ago.tsx'
import { Confirm } from '../../parts/asking/confirm.tsx'
import { Badge } from '../../parts/badge.tsx'
import { Button, LinkButton } from '../../parts/button.tsx'
import { Page } from '../../parts/page.tsx'
import { ShowPolled } from '../../parts/polled.tsx'
import { Table } from '../../parts/table.tsx'
import { hrefOf } from '../../router/place.ts'
import { words } from '../../words/words.ts'
import type { ScreenProps } from '../screen-props.ts'
import { VersionNotes } from './version-notes.tsx'

const text = words.versions
const HEAD = [
  text.version,
  text.introduced,
  text.workers,
  text.queued,
  text.traffic,
  text.outcomes,
  { title: text.actions, align: 'end' as const },
]

export function VersionsScreen({ params: { name = '' } }: ScreenProps) {
  const path = `v1/models/${encodeURIComponent(name)}`
  const versions = usePoll<VersionList>(`${path}/versions`)
  const model = usePoll<ModelView>(path, 30_000)
  const [promoted, setPromoted] = useState<string | null>()
  const [isBack, setBack] = useState(false)
  const list = versions.data.value
  const previous = list?.current.previous ?? null
  const steer = async (what: string, body?: object): Promise<void> => {
    await call(`${path}/${what}`, { method: 'POST', body: body ?? {} })
    versions.refresh()
  }
  const close = (): void => {
    setPromoted(undefined)
    setBack(false)
  }
  return (
    <Page
      title={text.title(name)}
      lead={text.lead}
      actions={
        <>
          <LinkButton href={hrefOf(['models', name])}>{text.back}</LinkButton>
          {previous !== null && <Button onClick={() => setBack(true)}>{text.rollback(previous)}</Button>}
          {list?.current.set_by === 'operator' && <Button onClick={() => setPromoted(null)}>{text.follow}</Button>}
        </>
      }
    >
      <ShowPolled of={versions}>
        {(found) => (
          <>
            <p class="muted">{found.current.set_by === 'operator' ? text.byOperator : text.byNewest}</p>
            <Table label={text.title(name)} head={HEAD}>
              {found.data.map((version) => (
                <VersionRow key={version.version} model={name} version={version} onPromote={setPromoted} />
              ))}
            </Table>
            <VersionNotes list={found} model={model.data.value} />
          </>
        )}
      </ShowPolled>
      <SteerDialog {...{ promoted, isBack, previous, steer }} onClose={close} />
    </Page>
  )
}

interface SteerDialogProps {
  /** To be made current: a version, or null for whichever is newest. Undefined: none. */
  promoted: string | null | undefined
  isBack: boolean
  previous: string | null
  steer: (what: string, body?: object) => Promise<void>
  onClose: () => void
}

function SteerDialog({ promoted, isBack, previous, steer, onClose }: SteerDialogProps) {
  return (
    <>
      {promoted !== undefined && (
        <Confirm
          title={promoted === null ? text.follow : text.promoteTitle(promoted)}
          action={promoted === null ? text.follow : text.promote}
          look="main"
          onConfirm={() => steer('promote', { version: promoted })}
          onClose={onClose}
        >
          {promoted === null ? text.byNewest : text.promoteHint}
        </Confirm>
      )}
      {isBack && (
        <Confirm
          title={text.rollbackTitle}
          action={text.rollback(previous ?? '')}
          look="main"
          onConfirm={() => steer('rollback')}
          onClose={onClose}
        >
          {text.promoteHint}
        </Confirm>
      )}
    </>
  )
}

interface VersionRowProps {
  model: string
  /** An older server does not tell of pauses. */
  version: VersionView & { paused?: unknown }
  onPromote: (version: string) => void
}

function VersionRow({ model, version, onPromote }: VersionRowProps) {
  const { version: name, current, outcomes, traffic, returned } = version
  return (
    <tr>
      <td>
        <span class="row">
          <strong class="mono" translate={false}>
            {name}
          </strong>
          {current && <Badge tone="good">{text.current}</Badge>}
          {Boolean(version.paused) && <Badge tone="warn">{text.paused}</Badge>}
          {returned && <Badge tone="bad">{text.returned(returned.failed, returned.jobs)}</Badge>}
        </span>
      </td>
      <td>
        <Ago at={version.introduced_at} />
      </td>
      <td class="number">{version.workers}</td>
      <td class="number">{version.queued?.toLocaleString('en') ?? text.nothing}</td>
      <td class="number">{traffic === null ? text.nothing : text.share(traffic)}</td>
      <td class="number">{outcomes === null ? text.nothing : `${outcomes.succeeded} · ${outcomes.failed}`}</td>
      <td class="end">
        <span class="row">
          <LinkButton look="quiet" size="small" href={hrefOf(['jobs'], { q: `model:${model} version:${name}` })}>
            {text.jobs}
          </LinkButton>
          {!current && (
            <Button size="small" onClick={() => onPromote(name)}>
              {text.promote}
            </Button>
          )}
        </span>
      </td>
    </tr>
  )
}
