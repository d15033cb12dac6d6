/** Shows what a poll has found, and says when that is not there, failed, or has become old. Used by screens. */
import type { ComponentChildren } from 'preact'
import type { Polled } from '../data/poll.ts'
import { FaultNotice, Loading } from './notices.tsx'

interface ShowPolledProps<Answer> {
  of: Polled<Answer>
  children: (answer: Answer) => ComponentChildren
}

/** The last answer stays while later questions fail; the fault stands above it. */
export function ShowPolled<Answer>({ of, children }: ShowPolledProps<Answer>) {
  const { value } = of.data
  const fault = of.fault.value
  return (
    <>
      {fault && <FaultNotice fault={fault} onRetry={() => of.refresh()} />}
      {value !== undefined ? children(value) : !fault && <Loading />}
    </>
  )
}
