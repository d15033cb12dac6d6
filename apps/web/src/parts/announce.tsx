/** Tells those who listen what happened, such as that something was copied. `Announcer` stands in the shell, once. */
import { signal } from '@preact/signals'

const said = signal('')

/** Says it, again too: a text that stays the same would not be heard twice. */
export function announce(text: string): void {
  said.value = said.value === text ? `${text}\u00a0` : text
}

export function Announcer() {
  return (
    <p class="unseen" role="status">
      {said}
    </p>
  )
}
