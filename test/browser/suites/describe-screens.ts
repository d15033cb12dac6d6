/** Every screen: it loads from its own server alone, keeps the policy, and is readable by all. Called by page.test.ts. */
import { beforeAll, describe, expect, it } from 'vitest'
import { expectReadable } from '../expect-readable.ts'
import { type WatchedPage, wordsOutsideTable } from '../open-page.ts'
import type { Stand } from '../open-stand.ts'

/** Each with a text that it shows when all of it is there. */
const SCREENS: readonly [name: string, at: string, shows: string][] = [
  ['models', '/', 'flaky'],
  ['queues', '/queues', 'flaky'],
  ['workers', '/workers', 'cpu'],
  ['webhooks', '/webhooks', '/hooks'],
  ['deliveries', '/webhooks?deliveries=1', 'webhook.test'],
  ['versions', '/models/flaky/versions', '1.0.0'],
  ['about', '/about', '0.1.0'],
  ['lost', '/no/such/place', ''],
]

export function describeScreens(stand: Stand): void {
  describe('every screen', () => {
    beforeAll(async () => {
      const { post, receiver, stack } = stand
      const made = { url: `${receiver.url}/hooks`, description: 'For a test' }
      const { id } = await post('/v1/webhook-endpoints', made)
      await post(`/v1/webhook-endpoints/${id}/test`)
      await Promise.all(Array.from({ length: 3 }, () => stack.client.accepted('hang', { mode: 'block' })))
    })

    const shown = async ({ page }: WatchedPage, text: string): Promise<void> => {
      await page.locator('#content').getByText(text).first().waitFor()
    }

    it('is readable by all, light and dark, on a phone, on a desk, and at twice its size', async () => {
      const watched = await stand.open('/')
      for (const [name, at, text] of SCREENS) {
        await watched.goTo(at)
        await shown(watched, text)
        await expectReadable(watched, name)
      }
      expect(await watched.faults()).toEqual([])
      await watched.close()
    })

    it('shows the models within two seconds, in four requests', async () => {
      const watched = await stand.open('/')
      await shown(watched, 'flaky')
      expect(await watched.page.evaluate<number>('performance.now()')).toBeLessThan(2000)
      const loaded = await watched.page.evaluate<string[]>(
        "performance.getEntriesByType('resource').map(({ name }) => name)",
      )
      expect(loaded.filter((one) => !one.includes('/v1/') && !one.startsWith('data:')).length).toBeLessThanOrEqual(3)
      await watched.close()
    })

    it('shows what a version takes otherwise than the one before it', async () => {
      const watched = await stand.open('/')
      const { page } = watched
      await page.route('**/v1/models/flaky/versions', async (route) => {
        const list = (await (await route.fetch()).json()) as { data: object[] }
        await route.fulfill({
          json: { ...list, data: [...list.data, { ...list.data[0], version: '0.9.0', current: false }] },
        })
      })
      await page.route('**/v1/models/flaky?version=0.9.0', async (route) => {
        const model = (await (await stand.stack.client.request('/v1/models/flaky')).json()) as object
        const input_schema = { type: 'object', properties: { tone: { type: 'string' } } }
        await route.fulfill({ json: { ...model, version: '0.9.0', input_schema } })
      })
      await watched.goTo('/models/flaky/versions')
      await page.getByRole('row', { name: 'input tone removed string' }).waitFor()
      await page.getByRole('combobox', { name: 'Compared with' }).waitFor()
      await expectReadable(watched, 'version-changes')
      expect(await watched.faults()).toEqual([])
      await watched.close()
    })

    it('asks in full what is asked from a cell of a table', async () => {
      const watched = await stand.open('/queues')
      await watched.page.getByRole('button', { name: 'Pause' }).first().click()
      await watched.page.getByText('No more of its jobs').waitFor()
      await expectReadable(watched, 'question')
      await watched.close()
    })

    it('says nothing that is not in its table of words', async () => {
      const watched = await stand.open('/', { lang: 'x-pseudo' })
      for (const [name, at, text] of SCREENS) {
        await watched.goTo(at)
        await shown(watched, text)
        expect([name, await wordsOutsideTable(watched.page)]).toEqual([name, []])
      }
      await watched.close()
    })
  })
}
