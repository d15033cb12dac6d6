/** The playground of a model: by keyboard alone, through reloads, with refusals, and with whatever a model may say. Called by page.test.ts. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { modelSchema, wildSchema } from '../../page/schemas.fixture.ts'
import { expectReadable } from '../expect-readable.ts'
import { expectTabOrder } from '../expect-tab-order.ts'
import { becomesTrue, type WatchedPage } from '../open-page.ts'
import type { Stand } from '../open-stand.ts'

/** Whatever of this runs leaves a mark. */
const HOSTILE = [
  '<img src=x onerror="globalThis.ran=1"><script>globalThis.ran=1</script>',
  '</pre></textarea><svg onload=globalThis.ran=1>',
  'javascript:globalThis.ran=1',
  '\u202Egnp.exe \u001B[31mred\u001B[0m {{constructor.constructor("globalThis.ran=1")()}}',
].join(' ')

export function describePlayground(stand: Stand): void {
  describe('the playground', () => {
    const open = async (at: string): Promise<WatchedPage> => {
      const watched = await stand.open(at)
      await watched.page.locator('#play-input').waitFor()
      return watched
    }

    it('runs an example of the model', async () => {
      const watched = await open('/models/ocr')
      const { page } = watched
      await page.getByRole('button', { name: 'A scanned invoice' }).click()
      await page.locator('.given-file img').waitFor()
      expect(await page.evaluate('document.querySelector(".given-file img").complete')).toBe(true)
      await page.locator('.code').getByText('-F image=@image.webp').waitFor()
      await page.locator('.estimate').getByText('before it').waitFor()
      await watched.shoot('playground-example')
      expect(await watched.faults()).toEqual([])
      await watched.close()
    })

    it('reads a scan by keyboard alone, goes on after a reload, and is the same in two tabs', async () => {
      const watched = await open('/models/ocr')
      const { page } = watched
      const chooser = page.waitForEvent('filechooser')
      await page.locator(field('image')).focus()
      await page.keyboard.press('Enter')
      await (await chooser).setFiles({ name: 'scan.png', mimeType: 'image/png', buffer: await drawn(page) })
      await page.getByText('scan.png').first().waitFor()
      await page.keyboard.press('Control+Enter')
      await page.locator('.run-head').waitFor()
      const address = page.url()
      expect(address).toContain('?job=job_')
      await page.reload()
      const other = await stand.open(new URL(address).hash.slice(1), { context: watched.context })
      for (const tab of [page, other.page]) {
        await tab.locator('.result-fields').getByText('INVOICE 2024').first().waitFor({ timeout: 50_000 })
      }
      expect(page.url()).toBe(address)
      const download = page.waitForEvent('download')
      await page.getByRole('link', { name: 'Save scan.pdf' }).focus()
      await page.keyboard.press('Enter')
      expect((await download).suggestedFilename()).toBe('scan.pdf')
      expect(readFileSync(await (await download).path(), 'latin1').slice(0, 5)).toBe('%PDF-')
      expect(await watched.faults()).toEqual([])
      await watched.close()
    })

    it('shows what is refused at its field, with the focus there, and keeps each digit', async () => {
      const watched = await open('/models/mirror')
      watched.forgive(/status of 4\d\d/)
      const { page } = watched
      await page.keyboard.press('Control+Enter')
      await expectRefused(page, 'text', 'Needed.')
      await page.locator(field('text')).fill('a')
      await page.locator(field('seed')).fill('9007199254740993')
      await page.keyboard.press('Control+Enter')
      // The server says this one: the form sends what was typed.
      await expectRefused(page, 'seed', /9007199254740993/)
      await page.locator(field('seed')).fill('7')
      await page.getByText('2 fields').click()
      await page.locator(field('box/size')).fill('3')
      await page.keyboard.press('Control+Enter')
      await expectRefused(page, 'box/label', 'Needed.')
      await page.locator(field('box/label')).fill('ab')
      await page.locator(field('pages')).getByText('Add one by its address').click()
      await page.locator(field('pages')).getByPlaceholder('or an address').fill('nonsense')
      await page.keyboard.press('Control+Enter')
      await expectRefused(page, 'pages/0')
      await page.getByRole('button', { name: 'Remove pages 1' }).click()
      await page.keyboard.press('Control+Enter')
      await page.getByText('succeeded').first().waitFor()
      expect(await watched.faults()).toEqual([])
      await watched.close()
    })

    it('runs nothing of what a job contains, and shows all of it as text', async () => {
      const fail = await stand.stack.client.run(
        'mirror',
        { text: HOSTILE, mode: 'fail' },
        { metadata: { note: HOSTILE } },
      )
      const table = await stand.stack.client.run('mirror', { text: HOSTILE, mode: 'table' })
      const file = await stand.stack.client.run('mirror', { text: HOSTILE, mode: 'file', type: 'text/html' })
      const plain = await stand.stack.client.run('mirror', { text: HOSTILE })
      const watched = await open(`/models/mirror?job=${fail.id}`)
      const { page } = watched
      await page.locator('.error-text').getByText('globalThis.ran').waitFor()
      await page.locator('.log-lines').getByText('globalThis.ran').first().waitFor()
      for (const [job, shown] of [
        [table, '.result-table td'],
        [file, '.text-result'],
        [plain, '.json-tree'],
      ] as const) {
        await watched.goTo(`/models/mirror?job=${job.id}`)
        await page.locator(shown).getByText('globalThis.ran').first().waitFor()
      }
      await watched.goTo(`/models/mirror?input=${encodeURIComponent(JSON.stringify({ text: HOSTILE, [HOSTILE]: 1 }))}`)
      await page.locator('.code').getByText('globalThis.ran').first().waitFor()
      expect(await page.evaluate('globalThis.ran')).toBeUndefined()
      expect(await watched.faults()).toEqual([])
      await watched.close()
    })

    it('fills a form from a link or an earlier job, sends nothing by itself, and leaves secrets out', async () => {
      const before = await stand.stack.client.run('mirror', { text: 'once', token: 'hush', box: { label: 'old' } })
      const watched = await open(
        `/models/mirror?input=${encodeURIComponent('{"text":"linked","seed":12345678901234567890}')}`,
      )
      const { page } = watched
      await page.getByText('Filled from a link').waitFor()
      expect(await page.locator(field('text')).inputValue()).toBe('linked')
      expect(await page.locator(field('seed')).inputValue()).toBe('12345678901234567890')
      await page.getByRole('button', { name: `Use this input: ${before.id}` }).click()
      await page.getByText('A secret is not shown').waitFor()
      expect(await page.locator(field('text')).inputValue()).toBe('once')
      expect(await page.locator(field('token')).inputValue()).toBe('')
      await page.getByRole('button', { name: 'JSON' }).click()
      expect(JSON.parse(await page.locator(field('').slice(0, -3) + '"]').inputValue())).toMatchObject({
        box: { label: 'old' },
      })
      const jobs = (await (await stand.stack.client.request('/v1/jobs?model=mirror')).json()) as {
        data: { id: string }[]
      }
      expect(jobs.data[0]?.id).toBe(before.id)
      // The price of what a form holds for a moment is asked for, too.
      watched.forgive(/status of 4\d\d/)
      expect(await watched.faults()).toEqual([])
      await watched.close()
    })

    it('compares a picture with what came of it, and stops a job', async () => {
      const watched = await open('/models/mirror')
      const { page } = watched
      await page.locator(field('text')).fill('a picture')
      await page.locator(field('mode')).selectOption('file')
      const picture = { name: 'in.png', mimeType: 'image/png', buffer: await drawn(page) }
      await page.locator(field('picture')).setInputFiles(picture)
      await page.keyboard.press('Control+Enter')
      await page.getByRole('slider', { name: 'How much of the picture before' }).waitFor()
      const width = 'document.querySelector(".compare-before").naturalWidth'
      await becomesTrue(page, `${width} > 0`)
      await page.locator('.past .thumb').first().waitFor()
      await watched.shoot('playground-compare')
      await page.locator(field('seconds')).fill('30')
      await page.keyboard.press('Control+Enter')
      await page.getByRole('button', { name: 'Cancel' }).click()
      await page.locator('.run-head').getByText('canceled').waitFor()
      expect(await watched.faults()).toEqual([])
      await watched.close()
    })

    it('draws a form for any schema, opened to its last field, and reads it back as JSON', async () => {
      const watched = await stand.open('/')
      const { page } = watched
      const schemas = [...fc.sample(modelSchema, 15), ...fc.sample(wildSchema, 15)]
      await page.route('**/v1/jobs?model=zoo*', (route) => route.fulfill({ json: { data: [] } }))
      await page.route('**/v1/models/zoo-*', (route) => {
        const name = new URL(route.request().url()).pathname.split('/').at(-1) ?? ''
        const input_schema = schemas[Number(name.split('-')[1])]
        return route.fulfill({
          json: { name, version: '1', description: '', input_schema, output_schema: {}, queued: 0, running: 0 },
        })
      })
      for (const [at, schema] of schemas.entries()) {
        await watched.goTo(`/models/zoo-${at}`)
        await page.getByRole('heading', { name: `zoo-${at}` }).waitFor()
        await page.locator('.run-bar').waitFor()
        for (let depth = 0; depth < 4; depth++)
          await page.evaluate('document.querySelectorAll("form details").forEach((one) => (one.open = true))')
        const json = page.getByRole('button', { name: 'JSON', exact: true })
        if ((await json.count()) > 0) await json.click()
        const input = await page.locator('[id="field:/input"]').inputValue()
        expect(() => JSON.parse(input), JSON.stringify(schema)).not.toThrow()
      }
      watched.forgive(/status of 4\d\d/)
      expect(await watched.faults()).toEqual([])
      await watched.close()
    })

    it('stays quick and small under 20,000 pieces of output and 100,000 log lines', async () => {
      const job = await stand.stack.client.accepted('mirror', { text: 'long', seconds: 60 })
      const watched = await stand.open('/')
      const { page } = watched
      const streams = [
        streamOf(20_000, (at) => ({ type: 'output', chunk: `piece ${at} ` })),
        streamOf(100_000, (at) => ({ type: 'log', level: 'info', message: `line ${at} ${'x'.repeat(40)}` })),
      ]
      await page.route(`**/v1/jobs/${job.id}/events*`, async (route) => {
        const body = streams.shift()
        // The third is never answered: the stream stays open.
        if (body !== undefined) await route.fulfill({ body, contentType: 'text/event-stream' })
      })
      const work = await watchWork(page)
      await page.evaluate(`location.hash = '/models/mirror?job=${job.id}'`)
      await page.locator('.stream').getByText('piece 19999 ').waitFor()
      const answered = page.waitForResponse(/cancel$/)
      await page.getByRole('button', { name: 'Cancel' }).click()
      const pressed = Date.now()
      expect((await answered).ok()).toBe(true)
      expect(Date.now() - pressed).toBeLessThan(1000)
      await page.locator('.log-lines').getByText('line 99999 ').waitFor({ state: 'attached' })
      const { longestMs, heapBytes, seconds } = await work()
      expect(longestMs).toBeLessThan(500)
      expect(seconds).toBeLessThan(8)
      expect(heapBytes).toBeLessThan(50e6)
      expect(await page.evaluate('document.querySelectorAll("*").length')).toBeLessThan(2000)
      await page.locator('.run-head').getByText('canceled').waitFor()
      await watched.close()
    })

    it('is readable by all, light and dark, on a phone, on a desk, and at twice its size', async () => {
      const input = { text: 'A text.\nOf two lines.', seed: 7, box: { label: 'here' }, pages: [] }
      const job = await stand.stack.client.run('mirror', input)
      const watched = await open(`/models/mirror?job=${job.id}`)
      const { page } = watched
      await page.getByText('succeeded').first().waitFor()
      await page.locator('.result-fields').waitFor()
      await page.getByText('Options').click()
      await page.locator('.estimate').getByText('before it').waitFor()
      await expectReadable(watched, 'playground')
      await expectTabOrder(page, 'playground')
      expect(await watched.faults()).toEqual([])
      await watched.close()
    })
  })
}

/**
 * Watches the page at work. Tells what its longest task took, as it would have been with a core for itself: a busy machine stretches
 * all tasks alike.
 */
async function watchWork(
  page: Page,
): Promise<() => Promise<{ longestMs: number; heapBytes: number; seconds: number }>> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  await page.evaluate(`
    globalThis.tasks = []
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' })
  `)
  return async () => {
    await devtools.send('HeapProfiler.collectGarbage')
    const { metrics } = await devtools.send('Performance.getMetrics')
    const told = Object.fromEntries(metrics.map(({ name, value }) => [name, value]))
    const tasks = await page.evaluate<number[]>('tasks')
    const seconds = told.TaskDuration ?? Infinity
    const stretch = Math.max(1, tasks.reduce((sum, ms) => sum + ms, 0) / 1000 / seconds)
    return { longestMs: Math.max(0, ...tasks) / stretch, heapBytes: told.JSHeapUsedSize ?? Infinity, seconds }
  }
}

/** As the server sends events. */
function streamOf(count: number, event: (at: number) => { type: string }): string {
  const at = new Date().toISOString()
  const texts = Array.from({ length: count }, (_, index) => {
    const told = event(index)
    return `id: ${index}-0\nevent: ${told.type}\ndata: ${JSON.stringify({ ...told, id: `${index}-0`, at })}\n\n`
  })
  return texts.join('')
}

const field = (path: string): string => `[id="field:/input/${path}"]`

async function expectRefused(page: Page, path: string, words?: string | RegExp): Promise<void> {
  const fault = page.locator('.field-fault').filter(words === undefined ? {} : { hasText: words })
  await fault.first().waitFor()
  await page.locator(`${field(path)}:focus`).waitFor({ state: 'attached' })
}

/** A scan of some lines, drawn by the browser itself. */
async function drawn(page: Page): Promise<Buffer> {
  const uri = await page.evaluate<string>(`(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 900, height: 320 })
    const context = canvas.getContext('2d')
    context.fillStyle = 'white'
    context.fillRect(0, 0, 900, 320)
    context.fillStyle = 'black'
    context.font = '44px sans-serif'
    for (const [at, line] of ['INVOICE 2024', 'Paper and envelopes', 'Total of all 122'].entries()) context.fillText(line, 60, 80 + at * 90)
    return canvas.toDataURL('image/png')
  })()`)
  return Buffer.from(uri.slice(uri.indexOf(',') + 1), 'base64')
}
