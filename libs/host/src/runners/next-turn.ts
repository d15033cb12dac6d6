/**
 * Resolves when this process has looked at all its pipes once more. Then it has read everything that other processes had
 * written before the call. Two turns are needed: the first may have looked before the call, the second asks the kernel
 * again. Used by the files of this folder.
 */
export function nextTurn(): Promise<void> {
  next ??= new Promise((resolve) =>
    setImmediate(() => {
      next = undefined
      setImmediate(resolve)
    }),
  )
  return next
}

/** Shared by those who ask in one turn. */
let next: Promise<void> | undefined
