/** Whoever waits for a runner that is stopped gets this. Thrown by RunnerProcess. */
export class RunnerStoppedError extends Error {
  constructor() {
    super('the runner was stopped')
    this.name = 'RunnerStoppedError'
  }
}
