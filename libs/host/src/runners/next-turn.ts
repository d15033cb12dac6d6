/**
 * Resolves when this process has looked at all its pipes once more: whatever another had written to any of them before
 * the call has been read then. The first turn may have looked before; the second asks the kernel anew.
 */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
