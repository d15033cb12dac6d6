/** Keys in JSON that parsers do not agree about. Called by readJson and for the names of form fields. */
import { type Fault, LIMITS, pointerTo, ProblemError } from '@millrace/contracts'

/** The one key that JavaScript treats differently: some readers drop it, some keep it, some set a prototype with it. */
const RESERVED_KEY = '__proto__'

/** Nearly all texts have nothing like it. An escape may spell it. */
const SUSPECT = /__proto__|\\u/

/**
 * Throws ProblemError `reserved_key` when any object in JSON text has a reserved key: all parts of the platform must agree
 * about which keys there are.
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

/** Throws ProblemError `reserved_key` when the place that a client names in its input has a reserved key on its way. */
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
