/** What the worker needs of a logger; any pino logger fits. Fields first, then one sentence. */
export interface WorkerLogger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
