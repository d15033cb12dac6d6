/** Asks whether the server can serve requests; a server that cannot says why. Called by about-screen.tsx. */
import { CallError } from '../../data/call.ts'

export interface HealthView {
  isOk: boolean
  /** Also warnings of a server that can. */
  reasons: readonly string[]
  fault?: CallError
}

export async function readHealth(): Promise<HealthView> {
  try {
    // Not by call.ts: 503 is an answer here.
    const answer = await fetch('readyz', { cache: 'no-store' })
    const { reasons } = (await answer.json()) as { reasons: string[] }
    return { isOk: answer.ok, reasons }
  } catch {
    return { isOk: false, reasons: [], fault: new CallError('unreachable', 0) }
  }
}
