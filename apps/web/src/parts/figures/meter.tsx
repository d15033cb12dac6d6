/** How much of something is taken, as a bar with its numbers beside it. Used by overviews. */
import './figures.css'

export function Meter({ label, value, of }: { label: string; value: number; of: number }) {
  return (
    <span class="meter">
      <meter aria-label={label} min={0} max={Math.max(of, 1)} value={Math.min(value, Math.max(of, 1))} />
      <span class="number">
        {value.toLocaleString('en')}/{of.toLocaleString('en')}
      </span>
    </span>
  )
}
