/** Thrown to those who wait for a runner that is stopped. Thrown by RunnerProcess. */
export class RunnerStoppedError extends Error {
  constructor() {
    super('the runner was stopped')
    this.name = 'RunnerStoppedError'
  }
}
