/**
 * Where a part of ours says what it does: fields first, then one sentence. Any pino logger fits. Fields never hold a secret,
 * an input, an output, or what a model prints in a run. Each room takes one as an argument; `libs/process` makes it.
 */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
