/** What a check of `millrace doctor` found. */
export interface Finding {
  /** What was looked at, in a word or two. */
  check: string
  status: 'ok' | 'warn' | 'fail'
  /** One sentence. */
  message: string
  /** How to mend it; absent when there is nothing to mend. */
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
