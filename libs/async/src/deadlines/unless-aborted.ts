/**
 * Resolves as the promise does, unless the signal is aborted first. Then it rejects at once with the signal's reason, so
 * nobody hangs on a store that does not answer. The promise itself goes on; its late answer is dropped.
 */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
