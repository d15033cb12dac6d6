// Every page is in the site. Called by laws.test.ts and planted-violations.test.ts.
import { NAV, navPages } from '../../../scripts/docs/nav.ts'
import type { Law } from '../reading/house.ts'

const listed = new Set(navPages(NAV).map(({ path }) => path))

/** Each page of docs has its line in the list of the site. That listed pages are there is shown by building it. */
export const navLaw: Law = ({ files }) =>
  files
    .filter(({ path }) => /^docs\/.*\.md$/.test(path) && !listed.has(path))
    .map(({ path }) => `${path} is not in the site: give it a line in scripts/docs/nav.ts, under what it belongs to`)
