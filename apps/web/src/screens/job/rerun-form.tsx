/** Asks on which version the input of a job is to run again, as a new job. Shown by the actions of a job. */
import { useState } from 'preact/hooks'
import type { Job } from '@millrace/contracts'
import type { VersionView } from '@millrace/client'
import { usePoll } from '../../data/use-poll.ts'
import { Button } from '../../parts/button.tsx'
import { words } from '../../words/words.ts'

interface RerunProps {
  job: Job
  isBusy: boolean
  onRun(version: string): void
  onBack(): void
}

export function RerunForm({ job, isBusy, onRun, onBack }: RerunProps) {
  const versions = usePoll<{ data: VersionView[] }>(`v1/models/${job.model}/versions`, 60_000)
  const names = versions.data.value?.data.map(({ version }) => version) ?? [job.version]
  const [chosen, setChosen] = useState(job.version)
  const version = names.includes(chosen) ? chosen : (names[0] ?? job.version)
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault()
        onRun(version)
      }}
    >
      <p class="muted">{words.job.rerunHint}</p>
      <label class="stack-small">
        <span>{words.job.onVersion}</span>
        <select class="input" value={version} onChange={(event) => setChosen(event.currentTarget.value)}>
          {names.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <div class="row dialog-foot">
        <Button onClick={onBack}>{words.bulk.back}</Button>
        <Button type="submit" look="main" busy={isBusy}>
          {words.job.rerun}
        </Button>
      </div>
    </form>
  )
}
