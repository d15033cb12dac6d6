/** The life of a job as bars: each attempt with its phases, and on the same axis each try of a webhook. Shown by the screen of a job. */
import type { Attempt } from '@millrace/contracts'
import { Badge, type Tone } from '../../parts/badge.tsx'
import { durationText } from '../../parts/duration-text.ts'
import { shortWorker } from '../../parts/text/short-worker.ts'
import { hrefOf } from '../../router/place.ts'
import { quoted } from '../../search/split-words.ts'
import { sumPhases } from '../../timeline/sum-phases.ts'
import { type TimeScale, timeScaleOf } from '../../timeline/time-scale.ts'
import type { Bar, DeliveryRow, Timeline, TimelineRow } from '../../timeline/timeline.ts'
import { words } from '../../words/words.ts'
import './timeline-view.css'

export function TimelineView({ timeline }: { timeline: Timeline }) {
  const scale = timeScaleOf(timeline)
  const total = timeline.endMs - timeline.fromMs
  return (
    <section class="timeline card" aria-label={words.job.timeline}>
      <ul class="phases">
        {sumPhases(timeline).map(({ phase, ms }) => (
          <li key={phase} class={`phase ${phase}`}>
            <span>{words.job.phase[phase]}</span> <strong class="number">{durationText(ms)}</strong>
          </li>
        ))}
        <li class="push muted">
          {words.job.total} <strong class="number">{durationText(total)}</strong>
        </li>
      </ul>
      <ol class="lanes">
        {timeline.rows.map((row, index) => (
          <AttemptLane key={row.attempt?.claimed_at ?? `wait-${index}`} row={row} scale={scale} />
        ))}
        {timeline.deliveries.map((row) => (
          <DeliveryLane key={row.delivery.id} row={row} scale={scale} />
        ))}
      </ol>
      <Axis scale={scale} timeline={timeline} />
    </section>
  )
}

const TONES: Record<Attempt['outcome'], Tone> = {
  running: 'busy',
  succeeded: 'good',
  failed: 'bad',
  canceled: 'warn',
  released: 'still',
  worker_lost: 'bad',
}

const phrase = (bars: readonly Bar[]): string =>
  bars.map(({ phase, fromMs, toMs }) => `${words.job.phase[phase]} ${durationText(toMs - fromMs)}`).join(', ')

function AttemptLane({ row, scale }: { row: TimelineRow; scale: TimeScale }) {
  const { attempt, bars, isSuspect, missing } = row
  return (
    <>
      {missing > 0 && <li class="lane-note muted small">{words.job.missing(missing)}</li>}
      <li class="lane">
        <div class="lane-head">
          <span class="lane-name">
            {attempt
              ? attempt.number === null
                ? words.job.noStart
                : words.job.attempt(attempt.number)
              : words.job.inLine}
          </span>
          {attempt && (
            <Badge tone={TONES[attempt.outcome] ?? 'still'}>
              {words.job.outcome[attempt.outcome] ?? attempt.outcome}
            </Badge>
          )}
          {isSuspect && attempt && (
            <span class="chip" title={words.job.suspectHint}>
              {words.job.suspect}
            </span>
          )}
        </div>
        <Track bars={bars} scale={scale} label={phrase(bars)} />
        {attempt && <AttemptFacts attempt={attempt} />}
      </li>
    </>
  )
}

/** Where it ran, and how it ended. A failure leads to the jobs that failed likewise. */
function AttemptFacts({ attempt: { worker, device, version, error } }: { attempt: Attempt }) {
  return (
    <p class="lane-facts muted small">
      {error !== null && (
        <a class="error-code" href={hrefOf(['jobs'], { q: `code:${error}` })}>
          {error}
        </a>
      )}
      {worker !== null && (
        <a href={hrefOf(['jobs'], { q: `worker:${quoted(worker)}` })} translate={false} title={worker}>
          {shortWorker(worker)}
        </a>
      )}
      {device !== null && <span translate={false}>{device}</span>}
      {version !== null && <span translate={false}>{words.job.version(version)}</span>}
    </p>
  )
}

const percent = (part: number): string => `${(part * 100).toFixed(3)}%`

function Track({ bars, scale, label }: { bars: readonly Bar[]; scale: TimeScale; label: string }) {
  return (
    <div class="track" role="img" aria-label={label}>
      {bars.map(({ phase, fromMs, toMs, isOpen }) => {
        const [from, to] = [scale.at(fromMs), scale.at(toMs)]
        return (
          <span
            key={`${phase}-${fromMs}`}
            class={`bar phase ${phase}${isOpen ? ' open' : ''}`}
            style={{ insetInlineStart: percent(from), inlineSize: percent(to - from) }}
            title={`${words.job.phase[phase]} ${durationText(toMs - fromMs)}`}
          >
            {to - from > 0.14 && <span>{durationText(toMs - fromMs)}</span>}
          </span>
        )
      })}
      {scale.breaks.map(({ from, to }) => (
        <span key={from} class="break" style={{ insetInlineStart: percent((from + to) / 2) }} />
      ))}
    </div>
  )
}

const MARK_TONES = { delivered: 'good', failed: 'bad', next: 'still' } as const

function DeliveryLane({ row, scale }: { row: DeliveryRow; scale: TimeScale }) {
  const { delivery, marks, missing } = row
  const told = marks.map(({ state, status, error }) => words.job.tryTold(state, status, error))
  return (
    <li class="lane">
      <div class="lane-head">
        <span class="lane-name" translate={false}>
          {delivery.host}
        </span>
        <span class="small muted">{delivery.event}</span>
        {missing > 0 && <span class="small muted">{words.job.missingTries(missing)}</span>}
      </div>
      <div class="track marks" role="img" aria-label={`${words.job.tries}: ${told.join(', ')}`}>
        {marks.map(({ atMs, state }, index) => (
          <span
            key={`${atMs}-${state}`}
            class={`mark ${MARK_TONES[state]}`}
            style={{ insetInlineStart: percent(scale.at(atMs)) }}
            title={told[index]}
          />
        ))}
      </div>
    </li>
  )
}

function Axis({ scale, timeline: { fromMs, endMs } }: { scale: TimeScale; timeline: Timeline }) {
  const clock = (ms: number): string => new Date(ms).toLocaleTimeString()
  return (
    <div class="axis muted small number" aria-hidden="true">
      <span>{clock(fromMs)}</span>
      {scale.breaks.length > 0 && <span>{words.job.broken}</span>}
      <span>{clock(Math.max(scale.toMs, endMs))}</span>
    </div>
  )
}
