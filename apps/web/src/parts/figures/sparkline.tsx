/** How a number went, as bars without axes. What it says stands in its label. Used by overviews. */
import './figures.css'

interface SparklineProps {
  label: string
  /** The oldest first. */
  values: readonly number[]
  /** Of each value, the part that went wrong. */
  bad?: readonly number[]
}

const HEIGHT = 24

export function Sparkline({ label, values, bad = [] }: SparklineProps) {
  const top = Math.max(1, ...values)
  const heightOf = (value: number): number => (value === 0 ? 0 : Math.max(1.5, (value / top) * HEIGHT))
  return (
    <svg
      class="sparkline"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${values.length * 2} ${HEIGHT}`}
      preserveAspectRatio="none"
    >
      <title>{label}</title>
      {values.map((value, index) => (
        <g key={index}>
          <rect x={index * 2} width={1.5} y={HEIGHT - heightOf(value)} height={heightOf(value)} />
          <rect
            class="bad"
            x={index * 2}
            width={1.5}
            y={HEIGHT - heightOf(bad[index] ?? 0)}
            height={heightOf(bad[index] ?? 0)}
          />
        </g>
      ))}
    </svg>
  )
}
