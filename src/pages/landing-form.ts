import { html, type Markup } from './shell.ts'

export interface LandingPage {
  /** Of the page and its script. */
  name: string
  title: string
  /** What stays while the steps change, once the script has something to put there. */
  lead?: Markup
  /** The parts of the page by name; its script shows one at a time. */
  steps: Record<string, Markup>
  /** What stays below them. */
  tail?: Markup
}

export const landingBody = ({ lead, steps, tail }: Pick<LandingPage, 'lead' | 'steps' | 'tail'>): Markup => html`
      <noscript><p>This page needs JavaScript: your browser tells no server the part of the link that opens it, so only a script can read it.</p></noscript>${lead}
      <div id="message" role="status" aria-live="polite" tabindex="-1"></div>
${Object.entries(steps).map(([name, step]) => html`      <section data-step="${name}" hidden>${step}</section>\n`)}${tail}`

interface Labelled {
  name: string
  label: string
  /** The name, unless another field of the page has that. */
  id?: string
  hint?: string
}

interface Field extends Labelled {
  type: 'email' | 'password' | 'text'
  autocomplete: string
  /** Begins with a capital letter, as names do. */
  capital?: boolean
  /** Further attributes. */
  attributes?: Markup
  /** What stands beside the input. */
  beside?: Markup
}

/** A control with its label, its hint and the place for what is wrong with it. */
const labelled = ({ name, label, id = name, hint }: Labelled, control: Markup): Markup => html`
          <div class="field">
            <label for="${id}">${label}</label>
            ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
            <div class="input">
              ${control}
            </div>
            <p class="fault" id="${id}-fault" aria-live="polite"></p>
          </div>`

/** What every control has. */
const named = ({ name, id = name, hint }: Labelled): Markup =>
  html`id="${id}" name="${name}" required aria-describedby="${hint && `${id}-hint `}${id}-fault"`

export const field = (shape: Field): Markup =>
  labelled(
    shape,
    html`<input ${named(shape)} type="${shape.type}" autocomplete="${shape.autocomplete}"
                autocapitalize="${shape.capital ? 'words' : 'off'}" spellcheck="false" ${shape.attributes}>
              ${shape.beside}`
  )

export const textArea = (shape: Labelled & { most: number }): Markup =>
  labelled(shape, html`<textarea ${named(shape)} rows="4" maxlength="${shape.most}"></textarea>`)

/** One of several, none of them chosen yet. */
export const choice = (
  shape: Labelled & { autocomplete: string; options: ReadonlyArray<readonly [value: string, text: string]> }
): Markup =>
  labelled(
    shape,
    html`<select ${named(shape)} autocomplete="${shape.autocomplete}">
                <option value="">Please choose</option>
${shape.options.map(([value, text]) => html`                <option value="${value}">${text}</option>\n`)}
              </select>`
  )

export const form = (button: string, ...parts: Markup[]): Markup => html`
        <form method="post">${parts}
          <button>${button}</button>
        </form>`

export const emailField = (label: string, autocomplete: string): Markup => field({ name: 'email', label, type: 'email', autocomplete })

/** A password to be made up, with a button that shows it. */
export const newPasswordField = (label: string, minLength: number, id = 'password'): Markup =>
  field({
    name: 'password',
    label,
    id,
    type: 'password',
    autocomplete: 'new-password',
    hint: `At least ${minLength} characters. A few unrelated words are easy to remember and hard to guess.`,
    beside: html`<button type="button" class="quiet" id="${id}-reveal" aria-controls="${id}" aria-label="Show password">Show</button>`
  })

/** Email and password, and a second factor once the account turns out to have one. */
export const signInForm = (button: string): Markup =>
  form(
    button,
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
  )

export const deadEnd = html`
        <p>The link from your mail is missing or incomplete. Please open it from the mail again; reloading this page is not enough.</p>`
