// No dependency may refuse the oldest Node that we promise. Called by laws.test.ts and planted-violations.test.ts.
import type { Law } from '../reading/house.ts'

type Version = [number, number, number]

const OLDEST: Version = [20, 19, 0]

/** Every direct dependency starts on Node 20.19. */
export const engineLaw: Law = ({ installed }) =>
  installed
    .filter(({ node }) => !allows(node, OLDEST))
    .map(({ name, version, node }) => `${name} ${version} wants Node ${node}; pin a version that starts on 20.19`)

/** Whether an npm version range takes a version. Knows what `engines` fields are written in. */
export function allows(range: string, version: Version): boolean {
  return range.split('||').some((part) => {
    const span = /^\s*(\S+)\s+-\s+(\S+)\s*$/.exec(part)
    if (span) return takes(`>=${span[1]}`, version) && takes(`<=${span[2]}`, version)
    // Comparators may stand apart from their numbers: ">= 18".
    const comparators = part
      .replace(/([<>=~^]+)\s+/g, '$1')
      .trim()
      .split(/\s+/)
    return comparators.every((comparator) => takes(comparator, version))
  })
}

function takes(comparator: string, version: Version): boolean {
  if (/^[*xX]?$/.test(comparator)) return true
  const parsed = /^([<>]=?|[=~^])?v?(\d+)(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?/.exec(comparator)
  if (!parsed) throw new Error(`cannot read the version range ${comparator}`)
  const [, sign = '=', ...parts] = parsed
  const given = parts.map(Number).filter((part) => Number.isInteger(part))
  const order = compare(version, [given[0] ?? 0, given[1] ?? 0, given[2] ?? 0])
  const samePrefix = (count: number) => given.slice(0, count).every((part, index) => part === version[index])
  if (sign === '>=') return order >= 0
  if (sign === '<') return order < 0
  if (sign === '>') return given.length < 3 ? order > 0 && !samePrefix(given.length) : order > 0
  if (sign === '<=') return order <= 0 || (given.length < 3 && samePrefix(given.length))
  if (sign === '^') return order >= 0 && samePrefix(1)
  if (sign === '~') return order >= 0 && samePrefix(Math.min(2, given.length))
  return samePrefix(given.length)
}

function compare(a: Version, b: Version): number {
  const at = a.findIndex((part, index) => part !== b[index])
  return at < 0 ? 0 : a[at]! - b[at]!
}
