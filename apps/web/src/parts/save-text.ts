/** Saves a text that the page holds as a file of the reader's. Called by the log and by what is raw. */
export function saveText(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser has to have begun with it.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
