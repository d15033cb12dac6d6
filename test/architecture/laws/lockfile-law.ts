// Whatever `npm ci` fetches is held to a hash. Called by laws.test.ts and planted-violations.test.ts.
import type { Law } from '../reading/house.ts'

interface Lockfile {
  packages?: Record<
    string,
    { version?: string; link?: boolean; integrity?: string; resolved?: string; inBundle?: boolean }
  >
}

/** Every entry of every lockfile has a hash, and none says where it came from; what npm makes of the workspaces aside. */
export const lockfileLaw: Law = ({ files }) =>
  files
    .filter(({ path }) => /(^|\/)package-lock\.json$/.test(path))
    .flatMap(({ path, source }) => {
      const { packages = {} } = JSON.parse(source) as Lockfile
      const fetched = Object.entries(packages).filter(([place, { link }]) => place.includes('node_modules/') && !link)
      return fetched.flatMap(([place, { integrity, inBundle, resolved }]) => [
        ...(integrity?.startsWith('sha512-') || inBundle
          ? []
          : [`${path}: ${place} has no hash; run \`node scripts/complete-lockfile.mjs ${path}\``]),
        ...(resolved === undefined ? [] : [`${path}: ${place} says where it came from ("resolved"); take that away`]),
      ])
    })
