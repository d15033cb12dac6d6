/** Asks whether a model is to be held, and whether new jobs are refused meanwhile. Shown by queues-screen.tsx. */
import { useState } from 'preact/hooks'
import { call } from '../../data/call.ts'
import { Confirm } from '../../parts/asking/confirm.tsx'
import { words } from '../../words/words.ts'

const text = words.queues

interface PauseDialogProps {
  model: string
  onDone: () => void
  onClose: () => void
}

export function PauseDialog({ model, onDone, onClose }: PauseDialogProps) {
  const [isRefusing, setRefusing] = useState(false)
  const pause = async (): Promise<void> => {
    const body = { submits: isRefusing ? 'refuse' : 'take' }
    await call(`v1/models/${encodeURIComponent(model)}/pause`, { method: 'POST', body })
    onDone()
  }
  return (
    <Confirm title={text.pauseTitle(model)} action={text.pause} look="main" onConfirm={pause} onClose={onClose}>
      <p>{text.pauseHint}</p>
      <label class="check">
        <input type="checkbox" checked={isRefusing} onChange={(event) => setRefusing(event.currentTarget.checked)} />
        {text.refuse}
      </label>
    </Confirm>
  )
}
