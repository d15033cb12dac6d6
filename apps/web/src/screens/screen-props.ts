/** What every screen is given. */
export interface ScreenProps {
  /** Of the path, such as `name` in `/models/:name`. */
  params: Record<string, string>
  query: URLSearchParams
}
