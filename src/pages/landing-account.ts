import { deadEnd, emailField, form, type LandingPage, newPasswordField, signInForm } from './landing-form.ts'
import { html } from './shell.ts'

export const verifyEmail: LandingPage = {
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

export const resetPassword = (passwordMinLength: number): LandingPage => ({
  name: 'reset-password',
  title: 'Choose a new password',
  steps: {
    choose: form('Set this password', newPasswordField('New password', passwordMinLength)),
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

export const confirmEmail: LandingPage = {
  name: 'confirm-email',
  title: 'Confirm this address',
  steps: {
    sign_in: html`
        <p>Sign in, so that <strong id="address"></strong> is added to your account and no other. This page signs out again when it is done.</p>${signInForm('Sign in and confirm')}`,
    over: html`
        <p>Add the address to your account once more, and a new link is mailed to it.</p>`,
    dead_end: deadEnd,
    done: html`
        <p>It belongs to your account now. You can close this page.</p>`
  }
}

export const undoEmailChange: LandingPage = {
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

export const reactivate: LandingPage = {
  name: 'reactivate',
  title: 'Reactivate your account',
  steps: {
    confirm: html`
        <p>Your account is closed. Press the button to open it again:</p>
        <ul>
          <li>you sign in as before, with the password you had,</li>
          <li>memberships and organizations do not come back by themselves,</li>
          <li>if your data were to be erased, they are not.</li>
        </ul>${form('Reactivate my account')}`,
    ask: html`
        <p>Tell us an email of your closed account, and we send you a link that opens it again.</p>${form('Send me a link', emailField('Your email', 'email'))}`,
    asked: html`
        <p>If a closed account has this address, a link is on its way. It works for a few hours only.</p>`,
    support: html`
        <p>Tell our support the email of your account. Nothing was changed, and your link still works.</p>`,
    done: html`
        <p>You can close this page and sign in. Password forgotten? <a href="reset-password">Choose a new one</a>.</p>`
  }
}
