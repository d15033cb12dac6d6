/**
 * Resolves when this process has looked at all its pipes once more. Then it has read everything that other processes had
 * written before the call. Two turns are needed: the first may have looked before the call, the second asks the kernel
 * again. Used by the files of this folder.
 */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
