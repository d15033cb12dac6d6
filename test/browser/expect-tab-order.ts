/** A screen by its tab key. Called by the suites below this folder. */
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

/** Where the keyboard is; none when it has left the page. */
interface Stop {
  name: string
  /** It comes after the one before, as it is read. */
  isNext: boolean
  isMarked: boolean
  isInView: boolean
}

const AT_FOCUS = `(() => {
  const at = document.activeElement
  // Behind the last one is the window, or the first one again.
  if (!at || at === document.body || globalThis.stops.has(at)) return null
  const before = globalThis.lastStop
  globalThis.lastStop = at
  globalThis.stops.add(at)
  // A field whose own mark cannot be seen may be marked by what is around it.
  const isMarked = [at, at.parentElement, at.parentElement?.parentElement].some((one) => {
    if (!one) return false
    const { outlineStyle, outlineWidth } = getComputedStyle(one)
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2
  })
  const box = at.getBoundingClientRect()
  return {
    name: at.tagName + ' ' + (at.getAttribute('aria-label') ?? at.textContent ?? '').trim().slice(0, 40),
    isNext: !before || !!(before.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_FOLLOWING),
    isMarked,
    isInView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  }
})()`

/** All that a mouse can reach and the keyboard did not. Of radio buttons one stop is for all; tabs are gone through by arrows. */
const MISSED = `[...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled && one.type !== 'radio' && one.role !== 'tab')
  .filter((one) => !globalThis.stops.has(one) && !one.closest('[inert]'))
  .map((one) => one.outerHTML.slice(0, 120))`

const MOST_STOPS = 200

/** Tab goes through all of the screen in the order in which it is read, and one sees where it is. */
export async function expectTabOrder(page: Page, name: string): Promise<void> {
  await page.evaluate('globalThis.stops = new Set(); globalThis.lastStop = undefined')
  // Where the first Tab leads to depends on where somebody clicked before.
  await page.locator('a.skip').focus()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Shift+Tab')
  const faults: string[] = []
  let count = 0
  for (; count < MOST_STOPS; count++) {
    const stop = await page.evaluate<Stop | null>(AT_FOCUS)
    if (stop === null) break
    if (!stop.isNext) faults.push(`out of order: ${stop.name}`)
    if (!stop.isMarked) faults.push(`not marked: ${stop.name}`)
    if (!stop.isInView) faults.push(`out of view: ${stop.name}`)
    await page.keyboard.press('Tab')
  }
  const missed = await page.evaluate<string[]>(MISSED)
  expect([name, count < MOST_STOPS && count > 0, faults, missed]).toEqual([name, true, [], []])
}
