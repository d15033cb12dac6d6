/** Where a job would wait if it were sent now: asked of the server once the form is whole, and again now and then. Called by the button's line. */
import type { DryRun } from '@millrace/contracts'
import { effect, signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { call, CallError } from '../../data/call.ts'
import { writeJson } from '../../json/json.ts'
import type { Playground } from './playground.ts'

/** After the last edit. Milliseconds. */
const QUIET_MS = 600
/** While nothing is edited. A dry run counts as a submit where submits are limited, so it is seldom. */
const AGAIN_MS = 15_000

export function useEstimate(playground: Playground) {
  const found = useMemo(() => signal<DryRun | undefined>(undefined), [playground])
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let asking: AbortController | undefined
    const wait = (ms: number): void => {
      clearTimeout(timer)
      timer = setTimeout(() => void ask(), ms)
    }
    const ask = async (): Promise<void> => {
      if (document.visibilityState === 'hidden' || playground.read.peek().faults.length > 0) return wait(AGAIN_MS)
      asking = new AbortController()
      try {
        const path = `v1/models/${encodeURIComponent(playground.model)}/jobs?dry_run=true`
        found.value = await call<DryRun>(path, {
          method: 'POST',
          text: writeJson(playground.body),
          signal: asking.signal,
        })
        wait(AGAIN_MS)
      } catch (error) {
        if (asking.signal.aborted) return
        found.value = undefined
        const isLimited = error instanceof CallError && error.status === 429
        // What is refused is told when it is sent; an edit asks anew.
        if (!isLimited) wait(AGAIN_MS * 4)
      }
    }
    const stop = effect(() => {
      const { faults } = playground.read.value
      void playground.readOptions.value
      asking?.abort()
      if (faults.length > 0) found.value = undefined
      wait(QUIET_MS)
    })
    return () => {
      stop()
      clearTimeout(timer)
      asking?.abort()
    }
  }, [playground])
  return found
}
