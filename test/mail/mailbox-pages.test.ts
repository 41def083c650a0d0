import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { readConfig } from '../../src/config.ts'
import { makeServer } from '../../src/http/server.ts'
import { generateKey } from '../../src/keyring.ts'
import { mailboxPages } from '../../src/mail/mailbox-pages.ts'
import { folderMailer, listMails } from '../../src/mail/mailer.ts'
import { renderMail } from '../../src/mail/templates.ts'

const link = 'https://guildhall.example/confirm-email#token=abc&email=anna%40example.com'
const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

async function serve(
  t: Test
): Promise<{ app: FastifyInstance; folder: string; send: (id: string, to: string, firstName?: string) => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'guildhall-mail-'))
  const config = readConfig({}, () => generateKey('test'))
  const app = makeServer({ config, log: pino({ level: 'silent' }), strict: true })
  mailboxPages(app, folder)
  const mailer = folderMailer({ folder, from: config.MAIL_FROM })
  t.teardown(async () => {
    await app.close()
    await rm(folder, { recursive: true, force: true })
  })
  const send = (id: string, to: string, firstName = 'Anna') =>
    mailer.send({
      messageId: `<${id}@guildhall.example>`,
      to,
      ...renderMail({ kind: 'reset_password', firstName, link, minutes: 30 }, 'en')
    })
  return { app, folder, send }
}

t.test('the page lists mails with their links, newest first', async (t) => {
  const { app, folder, send } = await serve(t)
  t.match((await app.inject({ url: '/dev/mail', headers: browser })).body, 'No mails yet.')
  await send('1', 'anna@example.com')
  await send('2', 'bob@example.com', `<script>alert('1')</script>`)
  const [newest] = await listMails(folder)

  const { statusCode, headers, body } = await app.inject({ url: '/dev/mail', headers: browser })
  t.equal(statusCode, 200)
  t.match(headers, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', vary: 'Accept' })
  t.match(headers['content-security-policy'], "form-action 'self'")
  t.notMatch(headers['content-security-policy'], /unsafe|\*/)
  t.same(
    [...body.matchAll(/To <a[^>]*>([^<]*)<\/a>/g)].map(([, to]) => to),
    ['bob@example.com', 'anna@example.com']
  )
  t.match(body, `<a href="${link.replaceAll('&', '&amp;')}">`)
  t.match(body, `datetime="${newest!.at}"`)
  t.match(body, `data-newest="${newest!.at}"`)
  t.notMatch(body, /<script(?! type="module" src="[^"]+"><\/script>)|<style|\sstyle=/, 'nothing is inline')
  t.match(body, '&lt;script')
})

t.test('what the page names is there', async (t) => {
  const { app, send } = await serve(t)
  await send('1', 'a+b@example.com')
  const page = 'http://localhost/dev/mail'
  const { body } = await app.inject({ url: page, headers: browser })
  const urls = [...body.matchAll(/(?:href|src)="([^"]*)"/g)]
    .map(([, url]) => new URL(url!.replaceAll('&amp;', '&'), page))
    .filter(({ host }) => host === 'localhost')
  t.ok(urls.some(({ pathname }) => pathname === '/dev/mail.js'))
  t.ok(urls.some(({ searchParams }) => searchParams.get('to') === 'a+b@example.com'))
  for (const { pathname, search } of urls.filter(({ pathname }) => pathname !== '/'))
    t.equal((await app.inject(`${pathname}${search}`)).statusCode, 200, pathname)
})

t.test('programs get JSON, by type or by name', async (t) => {
  const { app, folder, send } = await serve(t)
  await send('1', 'anna@example.com')
  await send('2', 'bob@example.com')
  const [bob, anna] = await listMails(folder)
  const item = (mail = anna!) => ({ id: mail.id, to: mail.to, subject: mail.subject, text: mail.text, links: [link], at: mail.at })

  for (const request of [{ url: '/dev/mail.json' }, { url: '/dev/mail', headers: { accept: 'application/json' } }]) {
    const { headers, body } = await app.inject(request)
    t.match(headers, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
    t.same(JSON.parse(body), { items: [item(bob), item(anna)] })
    const some = await app.inject({ ...request, query: { to: 'ANNA@example.com' } })
    t.same(some.json(), { items: [item(anna)] })
    t.same((await app.inject({ ...request, query: { to: 'nobody@example.com' } })).json(), { items: [] })
    t.equal((await app.inject({ ...request, query: { to: ' ' } })).json().items.length, 2, 'a blank filter is none')
  }
})

t.test('the filter stays in its field, as text', async (t) => {
  const { app, send } = await serve(t)
  await send('1', 'anna@example.com')
  const { body } = await app.inject({ url: '/dev/mail', headers: browser, query: { to: '"><b>' } })
  t.match(body, 'value="&quot;&gt;&lt;b&gt;"')
  t.match(body, 'No mails to this address.')
})

t.test('a mail is shown apart from everything else', async (t) => {
  const { app, folder, send } = await serve(t)
  await send('1', 'anna@example.com')
  const [mail] = await listMails(folder)
  const { statusCode, headers, body } = await app.inject(`/dev/mail/${mail!.id}`)
  t.equal(statusCode, 200)
  t.equal(body, mail!.html)
  t.match(headers, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
  const policy = String(headers['content-security-policy']).split('; ')
  t.ok(policy.includes("default-src 'none'"))
  t.ok(policy.some((rule) => rule.startsWith('sandbox')))
  t.notMatch(policy.join(' '), /allow-scripts|allow-same-origin|script-src|img-src/)
  for (const id of ['0'.repeat(32), 'x', '..%2f..%2fpackage']) t.equal((await app.inject(`/dev/mail/${id}`)).statusCode, 404, id)
})
