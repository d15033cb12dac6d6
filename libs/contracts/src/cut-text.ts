/**
 * Cuts a text to at most `max` UTF-16 units and never splits a surrogate pair. Used for every text that is kept or
 * shown with a limit.
 */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text
  const last = text.charCodeAt(max - 1)
  const splitsPair = last >= 0xd800 && last <= 0xdbff
  return text.slice(0, splitsPair ? max - 1 : max)
}
