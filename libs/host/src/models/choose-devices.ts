/** Chooses the slots of a worker that a model runs on, by `slots` of its millrace.yaml. */
import { SlotsError } from './parse-slots.ts'

export type SlotWish = number | readonly string[] | undefined

/**
 * A number limits how many slots are used; a list names devices. The result is never empty: when no slot fits, it is
 * the first one. `mustFit` then throws when the model's runner is made, so that this model fails and no other.
 */
export function chooseDevices(wish: SlotWish, slots: readonly string[]): readonly string[] {
  if (wish === undefined) return slots
  if (typeof wish === 'number') return slots.slice(0, wish)
  const fitting = slots.filter((slot) => wish.includes(slot))
  return fitting.length > 0 ? fitting : slots.slice(0, 1)
}

/** Throws SlotsError for a device that the model does not run on. */
export function mustFit(wish: SlotWish, device: string): void {
  if (!Array.isArray(wish) || wish.includes(device)) return
  throw new SlotsError(
    `it runs on ${wish.join(' or ')} only (\`slots\` in millrace.yaml), and this worker has no such slot: set MILLRACE_SLOTS`,
  )
}
