/** How the installation is: health, versions, what one may use, and where the documents are. Shown by screens.ts. */
import type { OwnTenant, WorkerList, WorkerView } from '@millrace/contracts'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../../data/call.ts'
import { usePoll } from '../../data/use-poll.ts'
import { Ago } from '../../parts/ago.tsx'
import { Badge } from '../../parts/badge.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import { FaultNotice } from '../../parts/notices.tsx'
import { Page } from '../../parts/page.tsx'
import { Table } from '../../parts/table.tsx'
import { words } from '../../words/words.ts'
import './about-screen.css'
import { readHealth, type HealthView } from './read-health.ts'

const text = words.about
const PACE_MS = 10_000

/** What the server says of itself at the bare address. */
interface ServerView {
  docs?: string
  openapi?: string
}

export function AboutScreen() {
  const [health, setHealth] = useState<HealthView>()
  const [server, setServer] = useState<ServerView>({})
  const workers = usePoll<WorkerList>('v1/workers?limit=100', PACE_MS)
  const tenant = usePoll<OwnTenant>('v1/tenant', PACE_MS)
  useEffect(() => {
    void readHealth().then(setHealth)
    call<ServerView>('./').then(setServer, () => undefined)
    const timer = setInterval(
      () => document.visibilityState === 'visible' && void readHealth().then(setHealth),
      PACE_MS,
    )
    return () => clearInterval(timer)
  }, [])
  const list = workers.data.value
  const api = list?.api_version
  const versions = countVersions(list?.data ?? [])
  const told = { health, server, api, workers: Object.fromEntries(versions), page: navigator.userAgent }
  const actions = <CopyButton text={JSON.stringify(told, null, 2)}>{text.copy}</CopyButton>
  return (
    <Page title={text.title} lead={text.lead} actions={actions}>
      <section class="card stack-small">
        <div class="row">
          <h2>{text.health}</h2>
          {health && <Badge tone={health.isOk ? 'good' : 'bad'}>{health.isOk ? text.ok : text.unready}</Badge>}
        </div>
        {health?.fault && <FaultNotice fault={health.fault} />}
        <ul class="reasons">
          {health?.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
        {health?.isOk && health.reasons.length === 0 && <p class="muted">{text.okHint}</p>}
      </section>
      <section class="card stack-small">
        <h2>{text.versions}</h2>
        <dl class="facts">
          <dt>{text.api}</dt>
          <dd translate={false}>{api ?? text.nothing}</dd>
          <dt>{text.workers}</dt>
          <dd translate={false}>
            {versions.map(([version, count]) => `${version} × ${count}`).join(', ') || text.nothing}
          </dd>
        </dl>
        {versions.some(([version]) => version !== api) && <p class="muted">{text.skew}</p>}
      </section>
      {server.docs !== undefined && (
        <section class="card stack-small">
          <h2>{text.documents}</h2>
          <p class="row">
            <a href={server.docs}>{text.docs}</a>
            <a href={server.openapi}>{text.openapi}</a>
          </p>
        </section>
      )}
      {tenant.data.value && <Limits tenant={tenant.data.value} />}
    </Page>
  )
}

function countVersions(workers: readonly WorkerView[]): [version: string, count: number][] {
  const counts = new Map<string, number>()
  for (const { millrace_version: version, state } of workers)
    if (state !== 'lost') counts.set(version, (counts.get(version) ?? 0) + 1)
  return [...counts]
}

function Limits({ tenant }: { tenant: OwnTenant }) {
  const shown = (value: number | null, none: string): string => value?.toLocaleString('en') ?? none
  return (
    <section class="stack-small">
      <h2>{text.tenant}</h2>
      <Table
        label={text.tenant}
        head={[text.limit, { title: text.used, align: 'end' }, { title: text.allowed, align: 'end' }, text.resets]}
      >
        {Object.entries(tenant.limits).map(([name, { limit, used, resets_at: resets }]) => (
          <tr key={name}>
            <td>{text.limits[name] ?? name}</td>
            <td class="end">{shown(used, text.nothing)}</td>
            <td class="end">{shown(limit, text.noLimit)}</td>
            <td>{resets === null ? text.nothing : <Ago at={resets} />}</td>
          </tr>
        ))}
      </Table>
    </section>
  )
}
