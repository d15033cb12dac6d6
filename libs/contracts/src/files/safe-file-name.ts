/** Names of files as strangers write them, made safe. Used wherever a name comes in, and again where it becomes a path. */

/** What a device is called on some systems, with any extension. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/**
 * Maps any text to a name that is safe on every disk and in every header: [A-Za-z0-9._-], no path, no leading dot or dash,
 * no trailing dot, no device. Never empty, at most `most` characters. The extension stays; where nothing of the stem can
 * (`фото.png`), `fallback` stands for it, so a number in it keeps several apart.
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

/** Of a longer text the end is looked at: that is where the extension is. */
const MOST_READ = 4096
