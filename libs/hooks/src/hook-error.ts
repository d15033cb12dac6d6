/** A hook threw, took too long, or answered with something that it may not. Clients are told no more than that. */
export class HookError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'HookError'
  }
}
