/** The newest of some versions of Millrace, so that older ones stand out. Called by the screens of workers and about. */
export const newestVersion = (versions: readonly string[]): string | undefined =>
  [...versions].sort(new Intl.Collator('en', { numeric: true }).compare).at(-1)
