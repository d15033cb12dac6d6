/** The result of one check of `millrace doctor`. */
export interface Finding {
  /** What was checked, in a word or two. */
  check: string
  status: 'ok' | 'warn' | 'fail'
  /** One sentence. */
  message: string
  /** How to mend it. Left out when there is nothing to mend. */
  mend?: string
}

export const ok = (check: string, message: string): Finding => ({ check, status: 'ok', message })
export const warn = (check: string, message: string, mend: string): Finding => ({
  check,
  status: 'warn',
  message,
  mend,
})
export const fail = (check: string, message: string, mend: string): Finding => ({
  check,
  status: 'fail',
  message,
  mend,
})
