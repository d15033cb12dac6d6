/** What can be done with failed jobs that belong together: look at them, and run them again. Shown by groups and by places. */
import { Button, LinkButton } from '../../parts/button.tsx'
import { hrefOf } from '../../router/place.ts'
import { words } from '../../words/words.ts'

interface FailureActionsProps {
  /** The search line that finds them. */
  search: string
  count: number
  onRetry(): void
}

export const FailureActions = ({ search, count, onRetry }: FailureActionsProps) => (
  <div class="row">
    <LinkButton size="small" href={hrefOf(['jobs'], { q: search })}>
      {words.failures.show}
    </LinkButton>
    <Button size="small" onClick={onRetry}>
      {words.failures.retry(count)}
    </Button>
  </div>
)
