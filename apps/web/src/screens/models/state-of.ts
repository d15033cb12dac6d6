/** What the state of a model means, in a word and in a sentence. Called by screens that show models. */
import type { ModelView } from '@millrace/client'
import type { Tone } from '../../parts/badge.tsx'
import { words } from '../../words/words.ts'

interface ModelState {
  tone: Tone
  word: string
  /** What follows from it; undefined when all is well. */
  hint?: string | undefined
}

export function stateOf({ paused, state, ready, workers, reason }: ModelView): ModelState {
  const text = words.models
  if (paused)
    return { tone: 'warn', word: text.paused, hint: paused.submits === 'refuse' ? text.refusesHint : text.pausedHint }
  if (ready) return { tone: 'good', word: `${text.ready} · ${text.workers(workers)}` }
  if (state === 'loading') return { tone: 'busy', word: text.loading }
  if (state === 'failed') return { tone: 'bad', word: text.failed, hint: reason ?? undefined }
  return { tone: 'still', word: text.noWorker, hint: text.noWorkerHint }
}
