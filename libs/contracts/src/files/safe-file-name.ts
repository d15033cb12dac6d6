/** Makes file names from outside safe. Called where a name comes in, and again where a name becomes a path. */

/** Names that Windows reserves for devices, with or without an extension. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/**
 * Turns any text into a name that is safe on every disk and in every header: only [A-Za-z0-9._-], no path, no dot or
 * dash at the start, no dot at the end, no device name. Never empty, at most `most` characters (default 128). The
 * extension stays. When nothing of the name can stay (`фото.png`), `fallback` replaces it; put a number into `fallback`
 * to keep several names apart.
 */
export function safeFileName(text: string, fallback = 'file', most = 128): string {
  const base = text.slice(-MOST_READ).split(/[/\\]/).at(-1) ?? ''
  const plain = base
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .trim()
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/[.-]+$/, '')
  const stemmed = /^[.-]*\./.test(plain) ? `${fallback}.${plain.replace(/^[.-]+/, '')}` : plain.replace(/^-+/, '')
  const safe = DEVICE.test(stemmed) ? `_${stemmed}` : stemmed
  if (safe.length <= most) return safe || fallback
  const end = /(?:\.tar)?\.[A-Za-z0-9_-]{1,16}$/.exec(safe)?.[0] ?? ''
  return safe.slice(0, most - end.length) + end
}

/** Only the end of a longer text is read, because the extension is there. */
const MOST_READ = 4096
