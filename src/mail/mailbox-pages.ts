import { readFileSync } from 'node:fs'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { prefersJson } from '../pages/accept.ts'
import { makeDocument, pagePolicy, sendDocument, serveFiles } from '../pages/documents.ts'
import { html, htmlPage, type Markup } from '../pages/shell.ts'
import { refuse } from '../problems.ts'
import { type KeptMail, listMails, readMail } from './mailer.ts'

// The filter is an ordinary form.
const listPolicy = pagePolicy.replace("form-action 'none'", "form-action 'self'")

const localNames = new Set(['localhost', '127.0.0.1', '[::1]'])
const isLoopback = (address: string): boolean => /^(::ffff:)?127\./.test(address) || address === '::1'

// A mail is shown as mail programs show it: without scripts, without loading anything, apart from this origin. Its links work.
const mailPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups allow-popups-to-escape-sandbox; frame-ancestors 'none'"

/**
 * Shows the mails that are kept in the folder, at `/dev/mail`: as a page, and as JSON for programs, there or at `/dev/mail.json`. Both
 * take `?to=`. Whoever reaches these pages can read every link that was mailed: they are for development only, and answer only to this
 * machine under its own name, so that neither the network nor a foreign page whose name leads here gets to see them.
 */
export function mailboxPages(app: FastifyInstance, folder: string): void {
  const onlyThisMachine = async ({ socket, hostname }: FastifyRequest): Promise<void> => {
    if (!isLoopback(socket.remoteAddress ?? '') || !localNames.has(hostname)) throw refuse('not_found')
  }
  const open = { config: { open: true }, onRequest: onlyThisMachine } as const
  const script = makeDocument('text/javascript; charset=utf-8', readFileSync(new URL('client/mailbox.js', import.meta.url), 'utf8'))
  serveFiles(app)

  app.get('/dev/mail', open, async (request, reply) => {
    const to = recipientOf(request)
    const mails = await listMails(folder, { to })
    reply.headers({ vary: 'Accept', 'cache-control': 'no-store' })
    if (prefersJson(request.headers.accept)) return { items: mails.map(mailItem) }
    return reply.header('content-security-policy', listPolicy).type('text/html; charset=utf-8').send(listPage(mails, to))
  })

  app.get('/dev/mail.json', open, async (request, reply) => {
    const mails = await listMails(folder, { to: recipientOf(request) })
    reply.header('cache-control', 'no-store')
    return { items: mails.map(mailItem) }
  })

  app.get('/dev/mail.js', open, (request, reply) => sendDocument(request, reply, script))

  app.get<{ Params: { id: string } }>('/dev/mail/:id', open, async (request, reply) => {
    const mail = await readMail(folder, request.params.id)
    if (!mail) throw refuse('not_found')
    reply.headers({ 'content-security-policy': mailPolicy, 'cache-control': 'no-store' })
    return reply.type('text/html; charset=utf-8').send(mail.html)
  })
}

function recipientOf(request: FastifyRequest): string | undefined {
  const { to } = request.query as Record<string, unknown>
  return typeof to === 'string' && to.trim() !== '' ? to.trim() : undefined
}

const mailItem = ({ id, to, subject, text, at }: KeptMail) => ({ id, to, subject, text, links: linksIn(text), at })

// Links stand alone on their lines, so nothing has to be guessed about where they end.
const link = /^(https?:\/\/\S+)$/m

const isLink = (_: string, index: number): boolean => index % 2 === 1
const linksIn = (text: string): string[] => text.split(link).filter(isLink)

function listPage(mails: KeptMail[], to: string | undefined): string {
  const body = html`
      <p>Mails of this service, newest first. They were kept here and not sent.</p>
      <form role="search">
        <div class="field">
          <label for="to">Recipient</label>
          <div class="input">
            <input id="to" name="to" inputmode="email" autocomplete="off" spellcheck="false" value="${to ?? ''}">
            <button>Show</button>
          </div>
        </div>
      </form>
      <section aria-label="Mails" data-newest="${mails[0]?.at ?? ''}">
${mails.length === 0 && html`        <p>${to === undefined ? 'No mails yet.' : 'No mails to this address.'} This page shows them as they come.</p>\n`}${mails.map(mailEntry)}
      </section>`
  return htmlPage({ title: 'Mailbox', body, scripts: ['/dev/mail.js'], root: '../' })
}

const moment = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23', timeZone: 'UTC' })

const mailEntry = ({ id, to, subject, text, at }: KeptMail): Markup => html`        <article>
          <h2>${subject}</h2>
          <p>To <a href="?to=${encodeURIComponent(to)}">${to}</a> · <time datetime="${at}">${moment.format(new Date(at))} UTC</time> · <a href="mail/${id}">as HTML</a></p>
          <pre>${text.split(link).map((part, index) => (isLink(part, index) ? html`<a href="${part}">${part}</a>` : part))}</pre>
        </article>\n`
