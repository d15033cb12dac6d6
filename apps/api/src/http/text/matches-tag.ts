/** Entity tags (RFC 9110 §8.8.3): what a client may send back to hear only of changes. */

/** Whether an If-None-Match header names the tag; weak and strong tags count as equal. */
export function matchesTag(header: string | undefined, tag: string): boolean {
  if (!header) return false
  const bare = tag.replace(/^W\//, '')
  return header.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === bare)
}
