import type { FastifyInstance } from 'fastify'
import { pageDocument, sendDocument, serveFiles } from './documents.ts'
import { confirmEmail, reactivate, resetPassword, undoEmailChange, verifyEmail } from './landing-account.ts'
import { appeal } from './landing-appeal.ts'
import { landingBody } from './landing-form.ts'
import { doNotInvite, invitation, join } from './landing-joining.ts'
import { html, htmlPage } from './shell.ts'

/**
 * The pages that links lead to where no front end is configured. A link carries its token in the fragment, which no server, log or
 * `Referer` sees. Opening a page uses nothing up, since mail scanners open links too: a person presses a button.
 */
export function landingPages(app: FastifyInstance, { passwordMinLength = 15 }: { passwordMinLength?: number } = {}): void {
  serveFiles(app)
  const pages = [
    verifyEmail,
    resetPassword(passwordMinLength),
    confirmEmail,
    undoEmailChange,
    reactivate,
    invitation(passwordMinLength),
    join,
    doNotInvite,
    appeal
  ]
  for (const { name, title, ...parts } of pages) {
    // Relative addresses: a proxy may serve all of this below a path.
    const page = pageDocument(htmlPage({ title, body: landingBody(parts), scripts: [`/pages/${name}.js`], root: '' }))
    app.get(`/${name}`, { config: { open: true } }, (request, reply) => sendDocument(request, reply, page))
  }
  for (const [path, title] of Object.entries(ownPages)) {
    const page = pageDocument(htmlPage({ title, body: ownBody, scripts: [], root: '' }))
    app.get(path, { config: { open: true } }, (request, reply) => sendDocument(request, reply, page))
  }
  const organization = pageDocument(htmlPage({ title: 'Your company or agency', body: organizationBody, scripts: [], root: '../' }))
  app.get('/organizations/:id', { config: { open: true } }, (request, reply) => sendDocument(request, reply, organization))
}

/** What mails about who somebody is lead to: these pages show nothing either. */
const ownPages = { '/duplicate-case': 'Your accounts', '/identity-verification': 'Your identity' }
const ownBody = html`
      <p>Accounts and identity are looked after in the front end of your marketplace. None is configured here (<code>APP_URL</code>), so this page stands
        in for it.</p>
      <p>All of it can be done with the API: see <a href="docs">the documentation</a>.</p>`

/** What mails to those who run an organization lead to: it shows nothing, since it knows nobody. */
const organizationBody = html`
      <p>Invitations, members and requests are looked after in the front end of your marketplace. None is configured here (<code>APP_URL</code>), so this
        page stands in for it.</p>
      <p>All of it can be done with the API: see <a href="../docs">the documentation</a>.</p>`
