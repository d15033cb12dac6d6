/** Why this model cannot be set up on a machine, in words for whoever runs it. Thrown by `openNetwork`. */

/** A package of this model is not installed. */
export class MissingPackageError extends Error {
  constructor(name: string, options?: { cause?: unknown }) {
    super(`the package ${name} is not installed; run: npm install --prefix models/upscale`, options)
    this.name = 'MissingPackageError'
  }
}

/** The device of this slot cannot run the network. There is no fall back: a slot that says `cuda:0` must mean it. */
export class DeviceError extends Error {
  constructor(device: string, reason: string, options?: { cause?: unknown }) {
    super(`cannot run on ${device}: ${reason}`, options)
    this.name = 'DeviceError'
  }
}
