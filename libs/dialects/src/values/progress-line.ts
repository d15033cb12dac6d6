/**
 * Progress as a line of tqdm: Replicate's Python client reads percentage, current and total from the last such line in the logs.
 * Called by what shows a prediction.
 */
import type { Progress } from '@millrace/contracts'

const TOTAL = 100
const WIDTH = 10

/** Such as ` 50%|#####     | 50/100 [00:01<00:01, 50.00it/s]`. `seconds`: since the run began. */
export function progressLine({ fraction }: Pick<Progress, 'fraction'>, seconds: number): string {
  const current = Math.round(fraction * TOTAL)
  const full = Math.floor(fraction * WIDTH)
  const bar = '#'.repeat(full).padEnd(WIDTH)
  const rate = seconds > 0 ? current / seconds : 0
  const left = rate > 0 ? clock((TOTAL - current) / rate) : '?'
  const speed = rate > 0 ? `${rate.toFixed(2)}it/s` : '?it/s'
  return `${String(current).padStart(3)}%|${bar}| ${current}/${TOTAL} [${clock(seconds)}<${left}, ${speed}]`
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds)
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)]
  const rest = `${pad(minutes)}:${pad(whole % 60)}`
  return hours > 0 ? `${hours}:${rest}` : rest
}

const pad = (number: number): string => String(number).padStart(2, '0')
