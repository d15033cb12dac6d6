/** Whether a list goes on by itself, and what is new: new jobs are told and not shoved in. Shown by the screen of jobs. */
import { Button } from '../../parts/button.tsx'
import { words } from '../../words/words.ts'
import { type JobPages, PAGE_SIZE } from './job-pages.ts'

export function LiveSwitch({ pages }: { pages: JobPages }) {
  const isLive = pages.isLive.value
  const fresh = pages.fresh.value
  return (
    <div class="row push" role="status">
      {fresh > 0 && (
        <Button size="small" look="main" aria-label={words.jobs.showFresh(fresh)} onClick={() => void pages.load()}>
          {words.jobs.fresh(fresh, fresh >= PAGE_SIZE)}
        </Button>
      )}
      <Button size="small" look="quiet" aria-pressed={isLive} onClick={() => pages.setLive(!isLive)}>
        <span class={isLive ? 'pulse' : 'pulse off'} aria-hidden="true" />
        {isLive ? words.jobs.live : words.jobs.paused}
      </Button>
    </div>
  )
}
