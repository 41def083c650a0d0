import type { FastifyInstance } from 'fastify'
import { pageDocument, sendDocument, serveFiles } from './documents.ts'
import { html, htmlPage } from './shell.ts'

export interface HomeOptions {
  publicUrl: string
  /** Whether mails are kept here to be read at `/dev/mail`. */
  mailbox: boolean
}

/** The page at `/`: what this is, and where to go on. */
export function homePage(app: FastifyInstance, { publicUrl, mailbox }: HomeOptions): void {
  serveFiles(app)
  // Not relative: behind a path, this page may be asked for without its last slash.
  const root = `${new URL(publicUrl).pathname.replace(/\/$/, '')}/`
  const links = [
    { path: 'docs', name: 'Documentation', about: 'every operation, to read and to try' },
    { path: 'openapi.json', name: 'OpenAPI document', about: 'the same for programs' },
    { path: 'problems', name: 'Problems', about: 'every failure, what it means and what to do' },
    { path: '.well-known/jwks.json', name: 'Signing keys', about: 'what access tokens are verified with' },
    { path: 'health/ready', name: 'Readiness', about: 'whether requests can be served right now' },
    ...(mailbox ? [{ path: 'dev/mail', name: 'Mailbox', about: 'mails that were not sent but kept here, for development' }] : [])
  ]
  const body = html`
      <p>Guildhall is the identity layer of a freelance marketplace: who a person is, whom they act for, and what they may do there.
        People and the services of the marketplace reach it over HTTP at <code>${publicUrl}</code>.</p>
      <ul class="links">
${links.map(({ path, name, about }) => html`        <li><a href="${root}${path}">${name}</a><span>${about}</span></li>\n`)}
      </ul>`
  const page = pageDocument(htmlPage({ title: 'The identity layer', body, root }))
  app.get('/', { config: { open: true } }, (request, reply) => sendDocument(request, reply, page))
}
