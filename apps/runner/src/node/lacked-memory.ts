/**
 * Whether memory was what a run lacked, of the machine or of the device. Its process may then be of no more use: what it
 * holds is seldom given back. The words are those of V8, of C++ and of the runtimes of devices, which have no codes.
 */

const WORDS = /out of memory|allocation failed|bad_alloc|failed to allocate|(?:cannot|can't|unable to) allocate/i
/** Causes of causes that are looked at. */
const DEPTH = 5

export function lackedMemory(thrown: unknown, depth = 0): boolean {
  if (!(thrown instanceof Error) || depth > DEPTH) return false
  const { code } = thrown as NodeJS.ErrnoException
  // A kind of its own, such as an error about a value, may repeat the words of a caller.
  const isRuntime = ['Error', 'RangeError', 'RuntimeError'].includes(thrown.name)
  return code === 'ENOMEM' || (isRuntime && WORDS.test(thrown.message)) || lackedMemory(thrown.cause, depth + 1)
}
