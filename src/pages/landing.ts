import type { FastifyInstance } from 'fastify'
import { pageDocument, sendDocument, serveFiles } from './documents.ts'
import { html, htmlPage, type Markup } from './shell.ts'

/**
 * The pages that links in mails lead to where no front end is configured. A link carries its token in the fragment, which no
 * server, log or `Referer` sees. Opening a page uses nothing up, since mail scanners open links too: a person presses a button.
 */
export function landingPages(app: FastifyInstance, { passwordMinLength = 15 }: { passwordMinLength?: number } = {}): void {
  serveFiles(app)
  const pages = [verifyEmail, resetPassword(passwordMinLength), confirmEmail, undoEmailChange]
  for (const { name, title, steps } of pages) {
    // Relative addresses: a proxy may serve all of this below a path.
    const page = pageDocument(htmlPage({ title, body: landingBody(steps), scripts: [`/pages/${name}.js`], root: '' }))
    app.get(`/${name}`, { config: { open: true } }, (request, reply) => sendDocument(request, reply, page))
  }
}

interface LandingPage {
  /** Of the page and its script. */
  name: string
  title: string
  /** The parts of the page by name; its script shows one at a time. */
  steps: Record<string, Markup>
}

const landingBody = (steps: Record<string, Markup>): Markup => html`
      <noscript><p>This page needs JavaScript: it reads the link from your mail here in the browser and sends it only when you press the button.</p></noscript>
      <div id="message" role="status" aria-live="polite" tabindex="-1"></div>
${Object.entries(steps).map(([name, step]) => html`      <section data-step="${name}" hidden>${step}</section>\n`)}`

interface Field {
  name: string
  label: string
  type: 'email' | 'password' | 'text'
  autocomplete: string
  hint?: string
  /** Further attributes. */
  attributes?: Markup
  /** What stands beside the input. */
  beside?: Markup
}

/** An input with its label, its hint and the place for what is wrong with it. Its name is also its id, so it is unique on the page. */
const field = ({ name, label, type, autocomplete, hint, attributes, beside }: Field): Markup => html`
          <div class="field">
            <label for="${name}">${label}</label>
            ${hint && html`<p class="hint" id="${name}-hint">${hint}</p>`}
            <div class="input">
              <input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}" autocapitalize="off" spellcheck="false" required
                aria-describedby="${hint && `${name}-hint `}${name}-fault" ${attributes}>
              ${beside}
            </div>
            <p class="fault" id="${name}-fault" aria-live="polite"></p>
          </div>`

const form = (button: string, ...parts: Markup[]): Markup => html`
        <form method="post">${parts}
          <button>${button}</button>
        </form>`

const emailField = (label: string, autocomplete: string): Markup => field({ name: 'email', label, type: 'email', autocomplete })

const deadEnd = html`
        <p>The link from your mail is missing or incomplete. Please open it from the mail again; reloading this page is not enough.</p>`

const verifyEmail: LandingPage = {
  name: 'verify-email',
  title: 'Confirm your email',
  steps: {
    confirm: html`
        <p>Press the button, and we know that this email is yours.</p>${form('Confirm my email')}`,
    ask: html`
        <p>A link from a mail opens this page. If yours is lost or too old, we send you a new one.</p>${form('Send me a new link', emailField('Your email', 'email'))}`,
    asked: html`
        <p>If this address waits to be proven, a new link is on its way, and earlier ones stop working.</p>`,
    done: html`
        <p>Your account is ready. You can close this page and sign in.</p>`
  }
}

const resetPassword = (passwordMinLength: number): LandingPage => ({
  name: 'reset-password',
  title: 'Choose a new password',
  steps: {
    choose: form(
      'Set this password',
      field({
        name: 'password',
        label: 'New password',
        type: 'password',
        autocomplete: 'new-password',
        hint: `At least ${passwordMinLength} characters. A few unrelated words are easy to remember and hard to guess.`,
        beside: html`<button type="button" class="quiet" id="reveal" aria-controls="password" aria-label="Show password">Show</button>`
      })
    ),
    ask: html`
        <p>Tell us your email, and we send you a link that sets a new password.</p>${form('Send me a link', emailField('Your email', 'email'))}`,
    asked: html`
        <p>If an account has this address, a link is on its way. It works for a short time only.</p>`,
    done: html`
        <p>For your safety, every session was ended. Sign in with the new password.</p>
        <div id="changed" hidden>
          <h2>Changed lately in your account</h2>
          <p>Was this all you? If not, put it right after you sign in.</p>
          <ul id="changes"></ul>
        </div>`
  }
})

const confirmEmail: LandingPage = {
  name: 'confirm-email',
  title: 'Confirm this address',
  steps: {
    sign_in: html`
        <p>Sign in, so that <strong id="address"></strong> is added to your account and no other. This page signs out again when it is done.</p>${form(
          'Sign in and confirm',
          emailField('Email you sign in with', 'username'),
          field({ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password' }),
          html`
          <div id="second-factor" hidden>${field({
            name: 'code',
            label: 'Six-digit code',
            type: 'text',
            autocomplete: 'one-time-code',
            hint: 'Your authenticator app shows it. A recovery code works too.',
            attributes: html`disabled pattern="\\s*([0-9]\\s*){6}|.{16,40}" title="Six digits, or a recovery code as it was shown"`
          })}
          </div>`
        )}`,
    over: html`
        <p>Add the address to your account once more, and a new link is mailed to it.</p>`,
    dead_end: deadEnd,
    done: html`
        <p>It belongs to your account now. You can close this page.</p>`
  }
}

const undoEmailChange: LandingPage = {
  name: 'undo-email-change',
  title: 'Undo the change of your email',
  steps: {
    undo: html`
        <p>The primary email of your account was changed. If that was not you, undo it here:</p>
        <ul>
          <li>your former address becomes the primary one again,</li>
          <li>addresses that were added after it are taken away,</li>
          <li>every session is ended, also that of whoever made the change,</li>
          <li>you choose a new password next.</li>
        </ul>${form('Undo the change')}`,
    over: html`
        <p>If you use your account as before, all is well. If somebody else may be in it,
          <a href="reset-password">choose a new password</a>: that ends every session.</p>`,
    dead_end: deadEnd,
    done: html`
        <p>Your former address is primary again, and all sessions were ended. Whoever changed it may know your password, so choose
          a new one next: a link for it is on its way to that address.</p>
        <p>Should it not arrive, <a href="reset-password">ask for another link</a>.</p>`
  }
}
