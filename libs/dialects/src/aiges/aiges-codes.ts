/** The codes that a host of AIGES wrappers answers with in `header.code`. Used by the shapes and routes of aiges. */
export const AIGES = {
  ok: 0,
  malformed: 10000,
  payload: 10001,
  call: 10002,
  output: 10004,
  late: 10102,
  value: 10107,
  full: 10110,
  wrapper: 10909,
} as const

export class AigesRefusal extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.name = 'AigesRefusal'
    this.code = code
  }
}
