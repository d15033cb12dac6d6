/** Resolves when the pipe was read once more: the first turn may have looked at it before. Called by model-process.ts and batch-runs.ts. */
export const lookAround = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
