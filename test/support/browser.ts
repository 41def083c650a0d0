import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'

/** What tap gives a test, as far as these helpers need it. */
interface Test {
  teardown: (work: () => unknown) => void
}

export interface Opened {
  page: Page
  /** Everything that would be wrong: foreign hosts, refused content, script errors, failed loads. */
  faults: string[]
  requests: string[]
}

/** A browser for the pages of a service. */
export async function openBrowser(t: Test, url: string) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--no-first-run',
      '--disable-component-update',
      '--disable-sync'
    ]
  })
  t.teardown(() => browser.close())

  /** A page in a fresh profile; answers of the named statuses are expected, and no faults. */
  async function openPage(t: Test, path: string, expected: number[] = []): Promise<Opened> {
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 1000 } })
    t.teardown(() => context.close())
    const page = await context.newPage()
    const faults: string[] = []
    const requests: string[] = []
    page.on('request', (request) => {
      const address = request.url()
      requests.push(address)
      if (!/^(data|blob):/.test(address) && new URL(address).origin !== url) faults.push(`asks ${address}`)
    })
    page.on('console', (message) => {
      const failed = /^Failed to load resource: the server responded with a status of (\d+)/.exec(message.text())
      if (failed && expected.includes(Number(failed[1]))) return
      if (message.type() === 'error' || /Content Security Policy/.test(message.text())) faults.push(message.text())
    })
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('response', (response) => {
      if (response.status() >= 400 && !expected.includes(response.status())) faults.push(`${response.status()} ${response.url()}`)
    })
    await page.goto(`${url}${path}`)
    return { page, faults, requests }
  }

  /** Keeps a picture of the page where somebody wants to look at it. */
  async function picture(page: Page, name: string): Promise<void> {
    if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, `${name}.png`), fullPage: false })
  }

  return { openPage, picture }
}
