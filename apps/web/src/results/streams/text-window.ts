/** The end of a text that grows: the newest characters, and how many before them are gone. */
export class TextWindow {
  readonly #most: number
  #text = ''
  #dropped = 0

  constructor(most: number) {
    this.#most = most
  }

  get text(): string {
    return this.#text
  }

  /** How many characters are not there any more. */
  get dropped(): number {
    return this.#dropped
  }

  /** Answers whether the text only grew: then what is shown needs no more than the new end. */
  append(text: string): boolean {
    this.#text += text
    // Cut seldom, and by much: each cut copies the text.
    if (this.#text.length <= this.#most * 1.5) return true
    const from = this.#text.length - this.#most
    this.#dropped += from
    this.#text = this.#text.slice(from)
    return false
  }
}
