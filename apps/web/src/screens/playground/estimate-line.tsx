/** Beside the button, before it is pressed: how many jobs are before this one, and when it would start. */
import type { ModelView } from '@millrace/client'
import type { Eta, JobQueue } from '@millrace/contracts'
import { durationText } from '../../parts/duration-text.ts'
import { words } from '../../words/words.ts'
import type { Playground } from './playground.ts'
import { useEstimate } from './use-estimate.ts'

export function EstimateLine({ playground, model }: { playground: Playground; model: ModelView }) {
  const queue = useEstimate(playground).value?.queue
  return <p class="small muted estimate">{queue ? queueText(queue) : modelText(model)}</p>
}

/** Where a job waits, in one sentence. */
export function queueText({ ahead, eta_seconds: eta, note }: JobQueue): string {
  const { eta: texts } = words.playground
  const before = ahead === null ? undefined : texts.ahead(ahead)
  return [before, note ?? undefined, eta === null ? (note === null ? texts.unknown : undefined) : etaText(eta)]
    .filter(Boolean)
    .join(' · ')
}

function etaText({ p50, p90 }: Eta): string {
  const { eta: texts } = words.playground
  if (p90 < 1) return texts.now
  const first = p50 < 1 ? texts.now : texts.about(durationText(p50 * 1000))
  return `${first}, ${texts.most(durationText(p90 * 1000))}`
}

/** What is known before the form is whole. */
function modelText({ ready, queued, running }: ModelView): string {
  const { eta: texts } = words.playground
  const state = [texts.waiting(queued), texts.running(running)].join(' · ')
  return ready ? state : `${words.playground.notReady} ${state}`
}
