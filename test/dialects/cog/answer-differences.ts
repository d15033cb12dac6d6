/** In what an answer differs from the recorded one of a real server, in few words. Called by cog.test.ts. */

export interface Answer {
  status: number
  body: unknown
}

const TIME = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|\+00:00)$/

/**
 * `status 409 -> 200`, `output`: another value, `-context`: the real one has it alone, `+version`: ours has it alone. Times, and how long
 * something took, are equal whatever they say.
 */
export function answerDifferences(real: Answer, ours: Answer): string[] {
  const status = real.status === ours.status ? [] : [`status ${real.status} -> ${ours.status}`]
  const [left, right] = [plain(real.body), plain(ours.body)]
  if (!isObject(left) || !isObject(right)) return [...status, ...(same(left, right) ? [] : ['body'])]
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])].toSorted()
  const fields = names.flatMap((name) => {
    if (!Object.hasOwn(right, name)) return [`-${name}`]
    if (!Object.hasOwn(left, name)) return [`+${name}`]
    return same(left[name], right[name]) ? [] : [name]
  })
  return [...status, ...fields]
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const same = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right)

function plain(value: unknown): unknown {
  if (typeof value === 'string' && TIME.test(value)) return '<time>'
  if (Array.isArray(value)) return value.map(plain)
  if (!isObject(value)) return value
  const entries = Object.entries(value).map(([name, one]) => [name, name === 'predict_time' ? '<seconds>' : plain(one)])
  return Object.fromEntries(entries.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)))
}
