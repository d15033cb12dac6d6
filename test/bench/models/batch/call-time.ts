/** How long a call of the batching model takes, and how many inputs it has at most; for the model and for the ideal server beside it. */
export const BATCH_SIZE = 16
export const callMs = (inputs: number): number => 40 + 2 * inputs
