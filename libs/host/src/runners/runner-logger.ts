/** The little that this room needs of a logger. Fields never hold inputs, outputs or what a model prints in a run. */
export interface RunnerLogger {
  info(fields: Record<string, unknown>, message: string): void
  warn(fields: Record<string, unknown>, message: string): void
  error(fields: Record<string, unknown>, message: string): void
}
