/** The webhooks screens, with a receiver that is down at first. Called by page.test.ts. */
import { describe, expect, it } from 'vitest'
import { until } from '../../support/until.ts'
import { expectReadable } from '../expect-readable.ts'
import { expectTabOrder } from '../expect-tab-order.ts'
import type { Stand } from '../open-stand.ts'

export function describeWebhooks(stand: Stand): void {
  describe('webhooks', () => {
    it('shows a secret once, and nothing of it is in the page afterwards', async () => {
      const watched = await stand.open('/webhooks')
      const { page } = watched
      const told = page.waitForResponse((answer) => answer.request().method() === 'POST')
      await page.getByRole('button', { name: 'Add an endpoint' }).first().click()
      await page.getByLabel('Address').fill(`${stand.receiver.url}/once`)
      await page.keyboard.press('Enter')
      const { secret } = (await (await told).json()) as { secret: string }
      expect(secret).toMatch(/^whsec_/)
      await page.getByText(secret).waitFor()
      await expectTabOrderInDialog()
      await page.getByRole('button', { name: 'I have it' }).click()
      await page.getByRole('heading', { name: '/once' }).waitFor()
      for (const at of ['/webhooks', '/about', '/webhooks']) {
        await watched.goTo(at)
        await page.locator('#content h1').first().waitFor()
        expect(await page.content()).not.toContain(secret.slice('whsec_'.length))
      }
      const kept = 'JSON.stringify([localStorage, sessionStorage, history.state, location.href])'
      expect(await page.evaluate<string>(kept)).not.toContain(secret.slice('whsec_'.length))
      expect(await watched.faults()).toEqual([])
      await watched.close()

      async function expectTabOrderInDialog(): Promise<void> {
        const isInside = 'document.querySelector("dialog[open]").contains(document.activeElement)'
        expect(await page.evaluate<boolean>(isInside)).toBe(true)
      }
    })

    it('shows the tries at a receiver that is down, and sends one or all of them again', async () => {
      const { receiver, stack, post } = stand
      let isDown = true
      receiver.answer = ({ path }) => (isDown && path === '/down' ? 503 : 204)
      const endpoint = await post('/v1/webhook-endpoints', { url: `${receiver.url}/down`, events: ['job.succeeded'] })
      const jobs = await Promise.all([1, 2, 3].map((chunks) => stack.client.run('stream', { chunks })))
      await until('each was tried', () => receiver.got.filter(({ path }) => path === '/down').length >= jobs.length)
      const watched = await stand.open(`/webhooks?deliveries=1&endpoint=${endpoint.id}`)
      const { page } = watched
      await page.locator('tbody tr').nth(2).waitFor()
      await page.locator('tbody tr .short-id').first().click()
      await page.getByText('It did not answer with 2xx.').first().waitFor()
      await page.getByText('503').first().waitFor()
      await page.getByText('"type":"job.succeeded"').waitFor()
      await expectReadable(watched, 'delivery')
      await expectTabOrder(page, 'delivery')
      isDown = false
      await page.getByRole('button', { name: 'Send again' }).click()
      await page.getByText('204').waitFor()
      await page.locator('.facts .badge').getByText('delivered').waitFor()
      // What an endpoint is not sent while it is disabled is what it asks for later.
      await watched.goTo('/webhooks')
      const card = page.locator('.endpoint').filter({ hasText: '/down' })
      await card.getByRole('button', { name: 'Disable' }).click()
      await card.getByText('Somebody disabled it.').waitFor()
      const missed = await stack.client.run('stream', { chunks: 4 })
      await until('it is skipped', async () => {
        const skipped = await stack.client.request(`/v1/webhook-deliveries?endpoint=${endpoint.id}&status=skipped`)
        return (await skipped.text()).includes(missed.id)
      })
      await card.getByRole('button', { name: 'Enable' }).click()
      await card.getByRole('button', { name: 'Send again since' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Send again' }).click()
      await page.getByText(/messages? (is|are) sent again/).waitFor()
      const got = () => receiver.got.filter(({ answered, body }) => answered === 204 && body.includes(missed.id))
      await until('it arrives', () => got().length > 0)
      expect(await watched.faults()).toEqual([])
      await watched.close()
    })
  })
}
