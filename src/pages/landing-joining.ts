import { countries } from '../http/text.ts'
import { choice, deadEnd, field, form, type LandingPage, newPasswordField, signInForm, textArea } from './landing-form.ts'
import { html, type Markup } from './shell.ts'

const named = new Intl.DisplayNames('en', { type: 'region' })
const countryChoices = [...countries]
  .map((code) => [code, named.of(code) ?? code] as const)
  .sort(([, one], [, other]) => one.localeCompare(other, 'en'))

const terms = (...lines: Array<[label: string, id: string]>): Markup => html`
        <dl class="terms">
${lines.map(([label, id]) => html`          <div><dt>${label}</dt><dd id="${id}"></dd></div>\n`)}        </dl>`

const to = (step: string, text: string): Markup => html`
        <p><button type="button" class="quiet" data-to="${step}">${text}</button></p>`

/** A heading that is read out when its step is gone to. */
const heading = (text: string): Markup => html`
        <h2 tabindex="-1">${text}</h2>`

/** Opens beside this page, which alone still has the link. */
const forgotten = html`
        <p>Password forgotten? <a href="reset-password" target="_blank">Choose a new one</a>, then come back to this page.</p>`

/** The link could not be looked up, and after a reload it would be gone. */
const again = form('Try again')

const registrationForm = (passwordMinLength: number): Markup =>
  form(
    'Register and accept',
    field({ name: 'firstName', label: 'First name', type: 'text', autocomplete: 'given-name', capital: true }),
    field({ name: 'lastName', label: 'Last name', type: 'text', autocomplete: 'family-name', capital: true }),
    choice({ name: 'countryCode', label: 'Country you live in', autocomplete: 'country', options: countryChoices }),
    choice({
      name: 'intent',
      label: 'What you come for',
      autocomplete: 'off',
      options: [
        ['client', 'To hire freelancers'],
        ['freelancer', 'To work as a freelancer']
      ]
    }),
    newPasswordField('Password', passwordMinLength, 'new-password'),
    html`
          <fieldset id="profile" hidden disabled>
            <legend>Your freelancer profile</legend>
            <p class="hint">You are invited as a freelancer, which needs a profile. It is shown in the marketplace, and you can change it at any time.</p>${[
              field({
                name: 'title',
                label: 'What you do',
                hint: 'In a few words, such as: Illustrator and map maker.',
                type: 'text',
                autocomplete: 'organization-title',
                capital: true,
                attributes: html`maxlength="100"`
              }),
              textArea({ name: 'overview', label: 'About your work', most: 5000 })
            ]}
          </fieldset>`
  )

/** For whoever was invited (N-4, N-5, N-9). */
export const invitation = (passwordMinLength: number): LandingPage => ({
  name: 'invitation',
  title: 'Your invitation',
  lead: html`
      <div id="offer" hidden>
        <p><strong id="inviter"></strong> invites you to the <span id="kind"></span> <strong id="organization"></strong>.</p>
        <p id="exclusive"></p>${terms(['Your role', 'roles'], ['Open until', 'until'])}
      </div>`,
  steps: {
    ways: html`
        <div class="ways">
          <button type="button" data-to="sign_in">I have an account</button>
          <button type="button" class="quiet" data-to="register">I am new here</button>
          <button type="button" class="quiet" data-to="decline">No, thank you</button>
        </div>`,
    sign_in: html`${heading('Accept with your account')}
        <p>The account needs to have the address that was invited. This page signs out again when it is done.</p>${[signInForm('Sign in and accept'), forgotten, to('ways', 'Back')]}`,
    register: html`${heading('Register and accept')}
        <p>Your account gets the address that the invitation was mailed to. The link from that mail proves it is yours, so there is nothing else to confirm.</p>${[registrationForm(passwordMinLength), to('ways', 'Back')]}`,
    copied: html`${heading('This link was copied')}
        <p>Somebody passed it on to you, so it cannot show that the invited address is yours. There are two ways:</p>
        <ul>
          <li>Open the link in the invitation mail itself: it lets you register here at once.</li>
          <li>Or register with the invited address first, and prove it with the mail you get. Then open this link again and accept with your account.</li>
        </ul>${to('ways', 'Back')}`,
    decline: html`${heading('Decline the invitation')}
        <p>The link stops working then, and whoever invited you is told.</p>${[form('Decline'), to('ways', 'Back')]}`,
    mismatch: html`
        <p>What you can do:</p>
        <ul>
          <li data-way="sign_in_as_another">If you have another account with the invited address, sign in to that one.</li>
          <li data-way="add_address">If the invited address is yours as well, add it to your account and prove it. Then open the invitation again.</li>
          <li data-way="ask_for_new_invitation">Or ask for a new invitation to an address of your account.</li>
        </ul>${to('sign_in', 'Sign in with another account')}`,
    stuck: to('ways', 'Back to the invitation'),
    again,
    over: html`
        <p>If you have accepted it already, you are a member and need only sign in. If not, ask whoever invited you for a new one.</p>`,
    dead_end: deadEnd,
    accepted: html`
        <p>You can close this page and sign in.</p>`,
    declined: html`
        <p>You can close this page. To get no invitations at all at this address, use the link for that in the mail.</p>`
  }
})

/** For whoever got a join link (N-10). */
export const join: LandingPage = {
  name: 'join',
  title: 'Join your company',
  lead: html`
      <div id="offer" hidden>
        <p>This link lets you join <strong id="organization"></strong>.</p>${terms(['Open until', 'until'])}
      </div>`,
  steps: {
    sign_in: html`
        <p>Sign in to join. Your account needs a proven address at a domain of the company. This page signs out again when it is done.</p>${[signInForm('Sign in and join'), forgotten]}
        <h2>No account yet?</h2>
        <p>Register with your address at the company first, and prove it with the mail you get. Then open this link again.</p>`,
    mismatch: html`
        <p>What you can do:</p>
        <ul>
          <li>Add your own address at the company to your account and prove it, then open this link again. Shared addresses, such as those for support, do not count.</li>
          <li>Or ask somebody who runs the company for an invitation.</li>
        </ul>${to('sign_in', 'Sign in with another account')}`,
    stuck: to('sign_in', 'Back'),
    again,
    over: html`
        <p>Ask whoever gave it to you for a new one.</p>`,
    dead_end: html`
        <p>The link is missing or incomplete. Please open it once more from where you got it; reloading this page is not enough.</p>`,
    done: html`
        <p>You can close this page and sign in.</p>`
  }
}

/** For the owner of an address who wants no invitations (N-8). */
export const doNotInvite: LandingPage = {
  name: 'do-not-invite',
  title: 'No more invitations',
  steps: {
    silence: html`
        <p>Press the button, and no more invitations are mailed to your address, whoever they are from. Nobody who invites you is told.</p>${form('Send me no more invitations')}`,
    allow: html`
        <p>You can close this page. Should you want to be invited again, you can change that here and now, or later with the same link.</p>${form('Allow invitations again')}`,
    over: html`
        <p>The newest invitation mail has a link that works. Or sign in: there you can choose for each of your addresses.</p>`,
    dead_end: deadEnd
  }
}
