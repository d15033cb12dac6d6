/** A poll that lives as long as what shows it. Called by screens. */
import { useEffect, useMemo } from 'preact/hooks'
import { Poll, type Polled } from './poll.ts'

const PACE_MS = 5000

/** Asks for the path, such as `v1/models`, every five seconds unless it is told otherwise. Another path is another poll. */
export function usePoll<Answer>(path: string, everyMs = PACE_MS): Polled<Answer> {
  const poll = useMemo(() => new Poll<Answer>(path, everyMs), [path, everyMs])
  useEffect(() => {
    poll.start()
    return () => poll.stop()
  }, [poll])
  return poll
}
