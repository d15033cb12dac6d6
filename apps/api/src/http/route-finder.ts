/**
 * Finds the handlers of a request. Hono's fast router takes no path that also fits a pattern, as `/v1/jobs/counts` fits `/v1/jobs/:id`,
 * and with one of them its slow one would serve all. So paths without a pattern are looked up here, and the fast one has the rest.
 * Used by createApp.
 */
import type { Result, Router } from 'hono/router'
import { RegExpRouter } from 'hono/router/reg-exp-router'
import { TrieRouter } from 'hono/router/trie-router'

export class RouteFinder<T> implements Router<T> {
  readonly name = 'RouteFinder'
  readonly #patterns = new RegExpRouter<T>()
  /** Knows all, and is asked once for each method of a plain path. */
  readonly #all = new TrieRouter<T>()
  readonly #plain = new Map<string, Map<string, Result<T>>>()

  add(method: string, path: string, handler: T): void {
    this.#all.add(method, path, handler)
    if (/[:*]/.test(path)) this.#patterns.add(method, path, handler)
    else this.#plain.set(path, new Map())
  }

  match(method: string, path: string): Result<T> {
    const plain = this.#plain.get(path)
    if (plain === undefined) return this.#patterns.match(method, path)
    const known = plain.get(method)
    if (known !== undefined) return known
    const found = this.#all.match(method, path)
    plain.set(method, found)
    return found
  }
}
