/** The value in the middle of a list, or at another quantile: 0.5 is the median, 0.99 the 99th percentile. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) throw new Error('there is no quantile of nothing')
  const sorted = [...values].sort((a, b) => a - b)
  const place = (sorted.length - 1) * q
  const [low, high] = [sorted[Math.floor(place)] as number, sorted[Math.ceil(place)] as number]
  return low + (high - low) * (place - Math.floor(place))
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)
