/** The types of bundle-page.mjs, for those who call it from TypeScript. */
export interface PageFile {
  /** `index.html`, or a name that tells the content. */
  name: string
  bytes: Uint8Array
}

export function bundlePage(): Promise<PageFile[]>
