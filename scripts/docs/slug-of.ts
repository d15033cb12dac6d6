/** The name of a heading in a link, as code hosts make it. Called by read-page.ts and by the law about headings. */
export const slugOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
