/**
 * The only refusal of the address guard. Its text is always the same, so that nobody can use refusals to map our network.
 * Thrown by `AddressGuard.check` and by every connection made through a guard.
 */
export class AddressNotAllowedError extends Error {
  constructor() {
    super('address not allowed')
    this.name = 'AddressNotAllowedError'
  }
}
