/** The ways in which people look at a screen, and what must be true in each. Called by the suites below this folder. */
import { expect } from 'vitest'
import type { Page } from 'playwright-core'
import type { WatchedPage } from './open-page.ts'

const HEIGHT = 800
/** A window of 1280 at 200 %. */
const AT_TWICE = 640

/**
 * In light and dark, at 360 and 1280 pixels, axe finds nothing and nothing is to be scrolled sideways; at twice the size neither. It
 * is left light and wide. A theme changes colours alone, so only those are looked at again.
 */
export async function expectReadable(watched: WatchedPage, name: string): Promise<void> {
  const { page } = watched
  const sideways: string[] = []
  const look = async (theme: 'light' | 'dark', width: number): Promise<string> => {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height: HEIGHT })
    if (await scrollsSideways(page)) sideways.push(`${theme} at ${width}`)
    return `${name}-${theme}-${width}`
  }
  for (const width of [360, 1280]) {
    for (const theme of ['dark', 'light'] as const) {
      const shot = await look(theme, width)
      expect([shot, await watched.findings(theme === 'dark' ? ['color-contrast'] : [])]).toEqual([shot, []])
      await watched.shoot(shot)
    }
  }
  await look('light', AT_TWICE)
  await look('light', 1280)
  expect([name, sideways]).toEqual([name, []])
}

async function scrollsSideways(page: Page): Promise<boolean> {
  const isWide = '[...document.querySelectorAll("dialog")].some((one) => one.scrollWidth > one.clientWidth)'
  return page.evaluate<boolean>(`document.documentElement.scrollWidth > innerWidth || ${isWide}`)
}
