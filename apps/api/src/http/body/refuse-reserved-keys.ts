/** Keys in JSON that parsers do not agree about. Called by readJson and for the names of form fields. */
import { type Fault, LIMITS, pointerTo, ProblemError } from '@millrace/contracts'

/** The one name that JavaScript takes for something else: some readers drop it, some keep it, some set a prototype by it. */
const RESERVED_KEY = '__proto__'

/** Nearly all texts have nothing like it; an escape may spell it. */
const SUSPECT = /__proto__|\\u/

/**
 * Throws ProblemError `reserved_key` when JSON text has an object with a reserved key, wherever it is: no two parts may
 * disagree about which keys there are.
 *
 * @param value What the text was read as.
 * @param at Pointer of the value in the request.
 */
export function refuseReservedKeys(text: string, value: unknown, at: string): void {
  if (!SUSPECT.test(text)) return
  const errors = [...faultsIn(value, at)]
  if (errors.length > 0) throw reservedKey(errors)
}

/** The refusal for keys at these places. */
function reservedKey(errors: Fault[]): ProblemError {
  return new ProblemError('reserved_key', {
    errors: errors.slice(0, LIMITS.faultsShown),
    errorsTotal: errors.length > LIMITS.faultsShown ? errors.length : undefined,
  })
}

const faultAt = (path: string): Fault => ({
  path,
  code: 'reserved_key',
  message: `${RESERVED_KEY} is taken as the name of a key nowhere: use another`,
})

/** Throws ProblemError `reserved_key` when a place in the input, given by a client as keys, goes through a reserved one. */
export function refuseReservedSteps(keys: readonly string[]): void {
  if (keys.includes(RESERVED_KEY)) throw reservedKey([faultAt(keys.reduce(pointerTo, '/input'))])
}

function* faultsIn(value: unknown, path: string): Generator<Fault> {
  if (typeof value !== 'object' || value === null) return
  for (const [key, item] of Object.entries(value)) {
    const place = pointerTo(path, key.slice(0, 100))
    if (key === RESERVED_KEY) yield faultAt(place)
    else yield* faultsIn(item, place)
  }
}
