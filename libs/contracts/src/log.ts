/**
 * The log that each package takes as an argument: fields first, then one sentence. Any pino logger fits; `libs/process`
 * makes one. Fields must never contain a secret, an input, an output, or what a model prints during a run.
 */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
