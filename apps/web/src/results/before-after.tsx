/** Two pictures over each other, with a slider between them: what went in, and what came out. */
import { useState } from 'preact/hooks'
import { words } from '../words/words.ts'

interface BeforeAfterProps {
  before: string
  after: string
  name: string
  onError: () => void
}

export function BeforeAfter({ before, after, name, onError }: BeforeAfterProps) {
  const [percent, setPercent] = useState(50)
  const [isComparable, setComparable] = useState(true)
  const result = <img src={after} alt={name} onError={onError} />
  // The input may be of a kind that no browser shows.
  if (!isComparable) return result
  return (
    <div class="compare">
      <div class="compare-pictures">
        {result}
        <img
          class="compare-before"
          src={before}
          alt={words.results.before}
          style={{ clipPath: `inset(0 ${100 - percent}% 0 0)` }}
          onError={() => setComparable(false)}
        />
        <span class="compare-line" style={{ insetInlineStart: `${percent}%` }} aria-hidden="true" />
      </div>
      <label class="compare-slider">
        <span>{words.results.before}</span>
        <input
          type="range"
          min={0}
          max={100}
          value={percent}
          aria-label={words.results.compare}
          onInput={(event) => setPercent(Number(event.currentTarget.value))}
        />
        <span>{words.results.after}</span>
      </label>
    </div>
  )
}
