import type { MailTexts } from '../content.ts'

const newPassword = 'set a new password right away: choose “Forgot your password?” where you sign in, and tell our support.'
const ownAccount = 'You get this mail because it is about the safety of your Guildhall account. Such mails cannot be switched off.'

export const en: MailTexts = {
  language: 'en',
  greeting: (firstName) => (firstName ? `Hello ${firstName},` : 'Hello,'),
  linkHint: 'If the button does not work, copy this address into your browser:',
  closing: 'Your Guildhall team',
  mails: {
    verify_email: {
      subject: 'Please confirm your email address',
      body: ({ link, hours }, format) => ({
        paragraphs: [
          'Welcome to Guildhall! Please confirm that this email address is yours; then your account is ready.',
          `The link works once, within ${format.hours(hours)}.`
        ],
        actions: [{ label: 'Confirm email address', link }],
        otherwise: 'If that was not you, ignore this mail: unless the address is confirmed, the registration is deleted.',
        reason: 'You get this mail because somebody registered at Guildhall with this address.'
      })
    },
    already_registered: {
      subject: 'You already have an account',
      body: ({ signInLink, resetLink }) => ({
        paragraphs: [
          'Somebody, probably you, tried to register at Guildhall with this address. It already belongs to your account, so no second one was made.',
          'You can simply sign in. If you do not remember your password, set a new one.'
        ],
        actions: [
          { label: 'Sign in', link: signInLink },
          { label: 'Set a new password', link: resetLink }
        ],
        otherwise: 'If that was not you, there is nothing to do: nothing changed, and nobody was told that you have an account.',
        reason: 'You get this mail because this address was entered at a registration and belongs to your Guildhall account.'
      })
    },
    closed_account: {
      subject: 'Your account is closed',
      body: () => ({
        paragraphs: [
          'Somebody, probably you, tried to register at Guildhall with this address. It belongs to an account that is closed, so no second one was made.',
          'If you would like to come back, ask our support: they can reactivate your account.'
        ],
        otherwise: 'If that was not you, there is nothing to do: nothing changed, and nobody was told about your account.',
        reason: 'You get this mail because this address was entered at a registration and belongs to your closed Guildhall account.'
      })
    },
    address_proof: {
      subject: 'Please confirm this email address for your account',
      body: ({ address, link, minutes }, format) => ({
        paragraphs: [
          `Somebody who is signed in to a Guildhall account added the address ${address} to it. If that was you, open the link and confirm.`,
          `The link works once, within ${format.minutes(minutes)}.`
        ],
        actions: [{ label: 'Confirm this address', link }],
        otherwise: 'If that was not you, do not confirm it and ignore this mail: then the address is not used.',
        reason: 'You get this mail because this address was added to a Guildhall account.'
      })
    },
    address_taken: {
      subject: 'Somebody tried to add your email address',
      body: () => ({
        paragraphs: [
          'Somebody tried to add this address to another Guildhall account. It belongs to yours, so it stays there. Nothing changed.',
          'If that was you: sign in to the account that the address belongs to, and remove it there first.'
        ],
        otherwise: 'If that was not you, there is nothing to do.',
        reason: 'You get this mail because this address belongs to your Guildhall account.'
      })
    },
    reset_password: {
      subject: 'Set a new password',
      body: ({ link, minutes }, format) => ({
        paragraphs: [
          'Somebody, hopefully you, asked for a new password for your account. Choose it with the link.',
          `The link works once, within ${format.minutes(minutes)}. As soon as the new password is set, all your devices are signed out.`
        ],
        actions: [{ label: 'Set a new password', link }],
        otherwise: 'If that was not you, ignore this mail: your password stays as it is.',
        reason: 'You get this mail because a new password was asked for with this address.'
      })
    },
    password_changed: {
      subject: 'Your password was changed',
      body: ({ at, place, device }, format) => ({
        paragraphs: [
          'The password of your account was changed. All other devices were signed out. If that was you, there is nothing to do.'
        ],
        facts: [
          { label: 'When', value: format.moment(at) },
          { label: 'Device', value: device },
          { label: 'Network', value: place }
        ],
        otherwise: `If that was not you, ${newPassword}`,
        reason: ownAccount
      })
    },
    primary_changed: {
      subject: 'Your main email address was changed',
      body: ({ newAddressMasked, undo }, format) => ({
        paragraphs: [`Mails about your account now go to ${newAddressMasked}. If you changed that, there is nothing to do.`],
        actions: undo ? [{ label: 'Undo the change', link: undo.link }] : [],
        otherwise: undo
          ? `If that was not you, undo the change with the link above, within ${format.hours(undo.hours)}. Then set a new password.`
          : `If that was not you, ${newPassword}`,
        reason: `${ownAccount} It goes to your former main address, so that nobody can take your account away unnoticed.`
      })
    },
    address_confirmed: {
      subject: 'An email address was added to your account',
      body: ({ addressMasked }) => ({
        paragraphs: [
          `The address ${addressMasked} was confirmed and now belongs to your account: it can be used to sign in and to set a new password. If that was you, there is nothing to do.`
        ],
        otherwise: `If that was not you, remove the address from your account, and ${newPassword}`,
        reason: ownAccount
      })
    },
    address_removed: {
      subject: 'An email address was removed from your account',
      body: ({ addressMasked }) => ({
        paragraphs: [`The address ${addressMasked} was removed from your account. If that was you, there is nothing to do.`],
        otherwise: `If that was not you, ${newPassword}`,
        reason: ownAccount
      })
    },
    second_factor_changed: {
      subject: 'Your second factor was changed',
      body: ({ change }) => ({
        paragraphs: [
          {
            added: 'A second factor was added to your account. From now on, signing in also asks for a code of your authenticator app.',
            removed: 'The second factor of your account was removed. From now on, the password alone is enough to sign in.',
            recovery_codes: 'New recovery codes were made for your account. The former ones no longer work.'
          }[change],
          'If that was you, there is nothing to do.'
        ],
        otherwise: `If that was not you, ${newPassword}`,
        reason: ownAccount
      })
    },
    session_ended_reuse: {
      subject: 'We ended a session to protect your account',
      body: ({ device, place }) => ({
        paragraphs: [
          'A key of one of your sessions, which had been used up, was presented again. Somebody may have a copy of it. To be safe, we ended the session; the device has to sign in again.'
        ],
        facts: [
          { label: 'Device', value: device },
          { label: 'Network', value: place }
        ],
        otherwise: 'If that was not you, change your password: that signs out all other devices.',
        reason: ownAccount
      })
    }
  }
}
