/** One number with what it counts. Used by overviews. */
import type { ComponentChildren } from 'preact'
import './figures.css'

interface StatProps {
  label: string
  children: ComponentChildren
  /** Why it is so, or its unit; on demand. */
  title?: string | undefined
}

export function Stat({ label, children, title }: StatProps) {
  return (
    <div class="stat" title={title}>
      <dd class="number">{children}</dd>
      <dt>{label}</dt>
    </div>
  )
}
