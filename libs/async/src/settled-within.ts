/** True when the promise settled, either way, within that many milliseconds and before the signal was aborted. */
export async function settledWithin(promise: Promise<unknown>, ms: number, signal?: AbortSignal): Promise<boolean> {
  const settled = promise.then(
    () => true,
    () => true,
  )
  if (signal?.aborted) return Promise.race([settled, Promise.resolve(false)])
  let giveUp: () => void = () => undefined
  const late = new Promise<boolean>((resolve) => {
    giveUp = () => resolve(false)
  })
  const timer = setTimeout(giveUp, Math.max(0, ms))
  signal?.addEventListener('abort', giveUp, { once: true })
  try {
    return await Promise.race([settled, late])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', giveUp)
  }
}
