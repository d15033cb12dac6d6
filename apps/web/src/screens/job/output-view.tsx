/** The output of a job as what it is; while it runs, what it has streamed so far. Shown by the tabs of a job. */
import type { ModelView } from '@millrace/client'
import { outputPath } from '../../data/read-job.ts'
import { usePoll } from '../../data/use-poll.ts'
import { filesIn } from '../../json/file-in.ts'
import { Result } from '../../results/result.tsx'
import { StreamedText } from '../../results/streams/streamed-text.tsx'
import { words } from '../../words/words.ts'
import type { JobText, JobWatch } from './job-watch.ts'

interface OutputProps {
  of: JobText
  watch: JobWatch
}

export function OutputView({ of, watch }: OutputProps) {
  const { job, input, output } = of
  if (output !== null) {
    const pictures = filesIn(input).filter(({ type }) => type.startsWith('image/'))
    return (
      <div class="stack-small">
        {job.partial && <p class="muted">{words.job.partial}</p>}
        <OutputAs of={of} before={pictures.length === 1 ? pictures[0]?.url : undefined} watch={watch} />
      </div>
    )
  }
  if (job.finished_at === null) {
    void watch.events.changes.value
    const stream = watch.events.stream.value
    return stream.count > 0 ? <StreamedText feed={stream} /> : <p class="muted">{words.job.noOutput}</p>
  }
  if (job.status !== 'succeeded') return <p class="muted">{words.job.neverOutput}</p>
  return (
    <p class="row">
      {words.job.large}
      <a class="button small" href={outputPath(job.id)} download="output.json">
        {words.job.openOutput}
      </a>
    </p>
  )
}

/** Its schema tells what it is, where its model is still there. */
function OutputAs({ of: { job, output }, before, watch }: OutputProps & { before: string | undefined }) {
  const model = usePoll<ModelView>(`v1/models/${job.model}`, 3_600_000).data.value
  const schema = job.kind === 'training' ? model?.training?.output_schema : model?.output_schema
  return <Result value={output} schema={schema} before={before} onStale={() => watch.poll.refresh()} />
}
