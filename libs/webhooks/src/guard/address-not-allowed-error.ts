/**
 * The one refusal of the address guard. It says the same whatever was found, so that nobody can map the network behind us
 * by what a refusal tells. Thrown by `AddressGuard.check` and by every connection made through a guard.
 */
export class AddressNotAllowedError extends Error {
  constructor() {
    super('address not allowed')
    this.name = 'AddressNotAllowedError'
  }
}
