/** The words of results: files, tables, texts, streams. Merged in words.ts. */
export const RESULTS_WORDS = {
  nothing: 'nothing',
  emptyText: 'an empty text',
  wholeText: (size: string) => `Show all of it (${size})`,
  table: 'Table, scrolls sideways',
  moreRows: (count: number) => `Show more (${count} left)`,
  moreEntries: (count: number) => `Show more (${count} left)`,
  download: (name: string) => `Save ${name}`,
  before: 'before',
  after: 'after',
  compare: 'How much of the picture before is shown',
  stream: 'Output as it comes',
  earlierLeftOut: 'The beginning is not shown here; it is in the output.',
  log: 'Log',
}
