/** Where a link of a page leads to, within the repository. Called by build-site.ts. */
import { posix } from 'node:path'

export type LinkTarget =
  | { kind: 'outside'; href: string }
  /** A file, a folder or a page; `heading` is empty where none is named. */
  | { kind: 'inside'; path: string; heading: string }

/** `from` is the page with the link, from the root of the repository. */
export function linkTarget(from: string, href: string): LinkTarget {
  if (/^[a-z][a-z+.-]*:/i.test(href)) return { kind: 'outside', href }
  const [path = '', heading = ''] = href.split('#')
  if (path.startsWith('/')) throw new Error(`links to ${href}: begin with the name of a file beside it, or with ../`)
  const there = path === '' ? from : posix.normalize(posix.join(posix.dirname(from), decodeURIComponent(path)))
  if (there.startsWith('..')) throw new Error(`links to ${href}, which leads out of the repository`)
  return { kind: 'inside', path: there.replace(/\/$/, ''), heading: decodeURIComponent(heading) }
}
