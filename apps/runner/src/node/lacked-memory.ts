/**
 * Tells whether a run failed because the machine or the device had no memory left. Such a process may be useless
 * afterwards, because the memory is seldom freed. V8, C++ and the runtimes of devices have no error codes for this, so
 * their words are searched for.
 */

const WORDS = /out of memory|allocation failed|bad_alloc|failed to allocate|(?:cannot|can't|unable to) allocate/i
/** Levels of `cause` that are looked at. */
const DEPTH = 5

export function lackedMemory(thrown: unknown, depth = 0): boolean {
  if (!(thrown instanceof Error) || depth > DEPTH) return false
  const { code } = thrown as NodeJS.ErrnoException
  // An error of its own class, such as one about a value, may repeat the words of a caller.
  const isRuntime = ['Error', 'RangeError', 'RuntimeError'].includes(thrown.name)
  return code === 'ENOMEM' || (isRuntime && WORDS.test(thrown.message)) || lackedMemory(thrown.cause, depth + 1)
}
