/** An action on the jobs that were chosen one by one. Shown by the list of jobs. */
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { JobActionKind } from '@millrace/contracts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { words } from '../words/words.ts'
import { doEach, type EachTally } from './do-each.ts'

interface SomeDialogProps {
  kind: JobActionKind
  ids: readonly string[]
  /** `isDone`: something was changed. */
  onClose(isDone: boolean): void
}

export function SomeDialog({ kind, ids, onClose }: SomeDialogProps) {
  const [tally, setTally] = useState<EachTally>()
  const [isEnded, setEnded] = useState(false)
  const stop = useMemo(() => new AbortController(), [])
  useEffect(() => () => stop.abort(), [stop])
  const begin = async (): Promise<void> => {
    setTally({ done: 0, refused: new Map() })
    await doEach(kind, ids, { signal: stop.signal, told: setTally })
    setEnded(true)
  }
  return (
    <Dialog title={words.bulk.title[kind]} onClose={() => onClose(tally !== undefined)}>
      {tally ? (
        <>
          <EachTold kind={kind} tally={tally} all={ids.length} />
          <div class="row dialog-foot">
            <Button look={isEnded ? 'main' : undefined} onClick={() => (isEnded ? onClose(true) : stop.abort())}>
              {isEnded ? words.shell.close : words.bulk.stop}
            </Button>
          </div>
        </>
      ) : (
        <>
          <p>
            <strong class="bulk-count number">{words.jobs.selected(ids.length)}</strong>
          </p>
          <p class="muted">{words.bulk.means[kind]}</p>
          <div class="row dialog-foot">
            <Button onClick={() => onClose(false)}>{words.bulk.back}</Button>
            <Button look={kind === 'retry' ? 'main' : 'danger'} onClick={() => void begin()}>
              {words.bulk.doIt[kind](ids.length)}
            </Button>
          </div>
        </>
      )}
    </Dialog>
  )
}

function EachTold({ kind, tally, all }: { kind: JobActionKind; tally: EachTally; all: number }) {
  const refused = [...tally.refused.values()].reduce((sum, count) => sum + count, 0)
  return (
    <div class="stack-small" role="status">
      <progress aria-label={words.bulk.progress} value={tally.done + refused} max={all} />
      <p class="number">{words.bulk.done[kind](tally.done, all)}</p>
      {[...tally.refused].map(([reason, count]) => (
        <p key={reason} class="muted number">
          {words.bulk.skipped(count, reason)}
        </p>
      ))}
    </div>
  )
}
