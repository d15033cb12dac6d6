/** Does something that a button asks for: once at a time, and a refusal is told where it was pressed. Called by screens. */
import { useState } from 'preact/hooks'
import { CallError } from '../../data/call.ts'

export interface Action {
  isBusy: boolean
  /** Why the last one failed. */
  fault: CallError | undefined
  run(work: () => Promise<unknown>): void
  /** What failed is shown no more. */
  forget(): void
}

export function useAction(): Action {
  const [isBusy, setBusy] = useState(false)
  const [fault, setFault] = useState<CallError>()
  const run = async (work: () => Promise<unknown>): Promise<void> => {
    setBusy(true)
    setFault(undefined)
    try {
      await work()
    } catch (error) {
      if (!(error instanceof CallError)) throw error
      setFault(error)
    } finally {
      setBusy(false)
    }
  }
  return { isBusy, fault, run: (work) => void run(work), forget: () => setFault(undefined) }
}
