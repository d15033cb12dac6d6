/** What the `millrace` program ends with, and how its help says so: scripts branch on it. Every other file says it by name. */

export const EXIT = {
  done: 0,
  failed: 1,
  /** Called wrongly, or set up wrongly. */
  misused: 2,
  /** The job was canceled. */
  canceled: 3,
  /** No server answers. */
  silent: 4,
  /** Left by Ctrl-C, as the system has it. */
  left: 130,
  /** Nobody reads the output any more, as the system has it. */
  unread: 141,
} as const

const MEANINGS: readonly [number, string][] = [
  [EXIT.done, 'done'],
  [EXIT.failed, 'failed'],
  [EXIT.misused, 'called or set up wrongly'],
  [EXIT.canceled, 'the job was canceled'],
  [EXIT.silent, 'no server answers'],
  [EXIT.left, 'left by Ctrl-C'],
]

/** The line of the help. */
export const exitCodesLine = `Exit codes: ${MEANINGS.map(([code, meaning]) => `${code} ${meaning}`).join(', ')}.`
