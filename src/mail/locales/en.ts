import type { VerificationDefect } from '../../identity/defects.ts'
import type { ContentOf, Format, MailBody, MailTexts } from '../content.ts'

const newPassword = 'set a new password right away: choose “Forgot your password?” where you sign in, and tell our support.'
const ownAccount = 'You get this mail because it is about the safety of your Guildhall account. Such mails cannot be switched off.'

const runsIt = 'You get this mail because you run this organization as its owner or an admin.'

/** What invitations have in common. */
const offer = (
  { organization, inviter, roles, message, link, silenceLink }: ContentOf<'invitation' | 'invitation_reminder'>,
  format: Format
): Omit<MailBody, 'paragraphs'> => ({
  facts: roles.length > 0 ? [{ label: roles.length > 1 ? 'Your roles' : 'Your role', value: format.roles(roles) }] : [],
  quotes: message ? [{ lead: `${inviter} writes:`, text: message }] : [],
  actions: [{ label: 'Look at the invitation', link }],
  otherwise: 'If you do not know who invites you, ignore this mail: nothing happens unless you accept.',
  reason: `You get this mail because somebody of ${organization} invited this address.`,
  quiet: { label: 'No more invitations to this address', link: silenceLink }
})

const defectWords: Record<VerificationDefect, string> = {
  document_unreadable: 'The document cannot be read: take the picture in good light, without glare.',
  document_incomplete: 'The document is not complete: all of its sides and edges must be seen.',
  document_expired: 'The document has expired.',
  document_not_accepted: 'This kind of document is not accepted: use a passport, identity card, driving licence or residence permit.',
  document_altered: 'The document seems to have been altered.',
  name_differs: 'The name differs from the one in your account.',
  birth_date_differs: 'The date of birth differs from the one that you gave us.',
  photo_differs: 'The photo of yourself does not match the document.',
  photo_missing: 'The photo of yourself is missing.'
}

export const en: MailTexts = {
  language: 'en',
  greeting: (firstName) => (firstName ? `Hello ${firstName},` : 'Hello,'),
  linkHint: 'If the button does not work, copy this address into your browser:',
  closing: 'Your Guildhall team',
  roles: {
    admin: 'Admin',
    finance: 'Finance',
    hiring_manager: 'Hiring manager',
    recruiter: 'Recruiter',
    member: 'Member',
    business_manager: 'Business manager',
    freelancer: 'Freelancer'
  },
  roleInTeam: (role, team) => `${role} in ${team}`,
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
          'Somebody, probably you, tried to register at Guildhall, or to reactivate an account, with this address. It already belongs to your account, so no second one was made.',
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
      body: ({ link }) => ({
        paragraphs: [
          'Somebody, probably you, entered this address at Guildhall to register or to get a new password. It belongs to an account that is closed, so no second one was made.',
          'If you would like to come back, you can reactivate your account.'
        ],
        actions: [{ label: 'Reactivate account', link }],
        otherwise: 'If that was not you, there is nothing to do: nothing changed, and nobody was told about your account.',
        reason: 'You get this mail because this address was entered at Guildhall and belongs to your closed account.'
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
            removed_by_support:
              'Our support removed the second factor of your account, as was asked for. From now on, the password alone is enough to sign in. Please set up a new one.',
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
    },
    sessions_ended: {
      subject: 'Our support signed you out everywhere',
      body: () => ({
        paragraphs: ['Our support ended all sessions of your account. Every device has to sign in again.'],
        otherwise: `If you did not ask for that, ${newPassword}`,
        reason: ownAccount
      })
    },
    new_sign_in: {
      subject: 'A new sign-in to your account',
      body: ({ at, place, device }, format) => ({
        paragraphs: [
          'Somebody signed in to your account on a device that your account had not been used on before. If that was you, there is nothing to do.'
        ],
        facts: [
          { label: 'When', value: format.moment(at) },
          { label: 'Device', value: device },
          { label: 'Network', value: place }
        ],
        otherwise:
          'If that was not you, somebody knows your password. Set a new one right away: choose “Forgot your password?” where you sign in, and tell our support.',
        reason: ownAccount
      })
    },
    sharing_suspected: {
      subject: 'Does somebody else use your login?',
      body: ({ device, place, otherDevice, otherPlace, link }) => ({
        paragraphs: [
          'Your account was used several times on two devices in two places at once, most recently on these. If both are yours, there is nothing to do: enter your password where you are asked for it.',
          'A login is for one person. Whoever works with you gets a login of their own, free of charge, with the rights that you choose: invite them to your company or agency. If you have none yet, found a company first.'
        ],
        facts: [
          { label: 'Device', value: `${device}, ${place}` },
          { label: 'Other device', value: `${otherDevice}, ${otherPlace}` }
        ],
        ...(link ? { actions: [{ label: 'Invite somebody', link }] } : {}),
        otherwise: `If you do not know one of the devices, ${newPassword}`,
        reason: ownAccount
      })
    },
    invitation: {
      subject: 'You are invited to work together on Guildhall',
      body: (mail, format) => ({
        paragraphs: [
          `${mail.inviter} invites you to join the ${mail.organizationKind} ${mail.organization} on Guildhall.`,
          `The link shows you the invitation, to accept or to decline. It is open for ${format.days(mail.days)}.`
        ],
        ...offer(mail, format)
      })
    },
    invitation_reminder: {
      subject: 'Your invitation ends soon',
      body: (mail, format) => ({
        paragraphs: [
          `${mail.inviter} invited you to join the ${mail.organizationKind} ${mail.organization} on Guildhall. You have not answered yet.`,
          `The invitation ends in ${format.days(mail.days)}. The link shows it to you, to accept or to decline.`
        ],
        ...offer(mail, format)
      })
    },
    invitation_accepted: {
      subject: 'Your invitation was accepted',
      body: ({ invitee, organization }) => ({
        paragraphs: [`${invitee} accepted your invitation and is now a member of ${organization}.`],
        otherwise: 'If you did not invite them, tell those who run the organization.',
        reason: 'You get this mail because you sent the invitation.'
      })
    },
    invitation_declined: {
      subject: 'Your invitation was declined',
      body: ({ address, organization }) => ({
        paragraphs: [`Your invitation of ${address} to ${organization} was declined. Its link no longer works.`],
        otherwise: 'If you think that this is a mistake, ask the person you invited before you invite them again.',
        reason: 'You get this mail because you sent the invitation.'
      })
    },
    invitation_stuck: {
      subject: 'An invitation cannot be accepted as it is',
      body: ({ address, organization, inviter, why, link }) => ({
        paragraphs: [
          `Somebody tried to accept the invitation of ${address} to ${organization}, which ${inviter} sent.`,
          {
            inviter: 'They could not, because the inviter may no longer invite like this. If you send the invitation again, it is yours.',
            outdated:
              'They could not, because a role or a team of it is no longer there. Give the invitation other roles, or send a new one.'
          }[why]
        ],
        actions: [{ label: 'Open the organization', link }],
        otherwise: 'If nobody should join by this invitation, revoke it.',
        reason: runsIt
      })
    },
    member_joined: {
      subject: 'Somebody joined your company',
      body: ({ newcomer, organization, source, link }) => ({
        paragraphs: [
          {
            domain: `${newcomer} joined ${organization} by the email domain of your company.`,
            join_link: `${newcomer} joined ${organization} by a join link of your company.`
          }[source]
        ],
        actions: [{ label: 'Open the company', link }],
        otherwise: 'If this person does not belong there, remove them from the company.',
        reason: runsIt
      })
    },
    join_requested: {
      subject: 'Somebody asks to join your company',
      body: ({ newcomer, address, organization, message, days, link }, format) => ({
        paragraphs: [
          `${newcomer} asks to join ${organization}, with the confirmed address ${address}.`,
          `Approve or refuse within ${format.days(days)}; after that the request ends by itself.`
        ],
        quotes: message ? [{ lead: `${newcomer} writes:`, text: message }] : [],
        actions: [{ label: 'Look at the request', link }],
        otherwise: 'If you do not know this person, refuse the request.',
        reason: runsIt
      })
    },
    join_request_decided: {
      subject: 'Your request to join was decided',
      body: ({ organization, decision, reason, link }) => ({
        paragraphs: [
          {
            approved: `Welcome! Your request to join ${organization} was approved: you are a member now.`,
            refused: `Your request to join ${organization} was refused.`
          }[decision]
        ],
        quotes: reason ? [{ lead: 'The reason that was given:', text: reason }] : [],
        actions: [{ label: decision === 'approved' ? 'Open the company' : 'Open Guildhall', link }],
        otherwise: 'If you did not ask to join, set a new password: somebody else may be using your account.',
        reason: 'You get this mail because a request to join was sent from your Guildhall account.'
      })
    },
    domain_notice: {
      subject: 'About the email domain of your company',
      body: ({ domain, organization, what, until, link }, format) => ({
        paragraphs: {
          paused: [
            `We no longer find the proof that the domain ${domain} is that of ${organization}. For now, nobody joins by it. All members stay.`,
            'Restore the proof, the DNS record or a confirmed address at the domain of somebody who runs the company, and joining goes on by itself.'
          ],
          resumed: [`We found the proof again that the domain ${domain} is that of ${organization}. Coworkers can join by it as before.`],
          lost: [
            `Another company proved by DNS that it owns the domain ${domain}. It no longer counts for ${organization}, and nobody joins by it. All members stay.`,
            until
              ? `If it is yours, contest this until ${format.moment(until)} with a DNS record of your own.`
              : 'It can no longer be contested.'
          ],
          contested: [
            `The company that had the domain ${domain} before contested its loss and proved by DNS that it owns it.`,
            `The domain no longer counts for ${organization}, and nobody joins by it. All members stay.`
          ]
        }[what],
        actions: [{ label: 'Open the company', link }],
        otherwise: 'If you did not expect this, ask whoever looks after the domain of your company.',
        reason: runsIt
      })
    },
    ownership_offered: {
      subject: 'You are offered the ownership of an organization',
      body: ({ organization, owner, days, link }, format) => ({
        paragraphs: [
          `${owner} offers you the ownership of ${organization}. As its owner you may do everything there, and answer for it.`,
          `The offer is open for ${format.days(days)}. Nothing changes unless you accept it.`
        ],
        actions: [{ label: 'Look at the offer', link }],
        otherwise: 'If you do not want it, decline the offer.',
        reason: 'You get this mail because you are a member of this organization.'
      })
    },
    enforcement_notice: {
      subject: 'A decision under the rules of Guildhall',
      body: ({ subject, organization, measure, reason, remedy, until, appealLink }, format) => {
        const named = [`your ${subject}`, organization].filter(Boolean).join(' ')
        const time = until ? ` until ${format.moment(until)}` : ''
        return {
          paragraphs: [
            {
              notice: `This is a notice about ${named}. Nothing is restricted.`,
              warning: `This is a warning about ${named}. Nothing is restricted yet.`,
              restricted: `We restricted ${named}${time}. Current work goes on; new business does not.`,
              suspended: `We suspended ${named}${time}. It cannot be used meanwhile.`,
              banned: `We banned ${named}. It cannot be used any more.`
            }[measure]
          ],
          quotes: [
            { lead: 'The reason:', text: reason },
            { lead: 'What you can do:', text: remedy }
          ],
          actions: appealLink ? [{ label: 'Appeal against this', link: appealLink }] : [],
          otherwise: appealLink
            ? 'If you think that we are wrong, appeal: the link works without signing in.'
            : `If you think that we are wrong, talk to the owner of the ${subject}, who was told as well and can appeal.`,
          reason: `You get this mail because it is about ${subject === 'account' ? 'your Guildhall account' : `the ${subject} that you run on Guildhall`}. Such mails cannot be switched off.`
        }
      }
    },
    contact_unavailable: {
      subject: 'A contact person cannot act at the moment',
      body: ({ contact, organization, amount, link }) => ({
        paragraphs: [
          `${contact}, contact person in ${organization}, cannot act as usual at the moment.`,
          `${amount === 1 ? 'One active contract names' : `${amount} active contracts name`} this person as contact. They stay as they are; you can name somebody else.`
        ],
        actions: [{ label: 'Look at the contracts', link }],
        otherwise: 'If you name nobody else, nothing changes by itself.',
        reason: runsIt
      })
    },
    duplicate_case: {
      subject: 'You seem to have another Guildhall account',
      body: ({ what, until, chooseBy, link, appealLink }, format) => ({
        paragraphs: [
          {
            choose:
              'Something that you gave us is known from another account. Each person has one account, and everything else hangs under it: several companies, an agency, a freelancer profile. Please choose which account you keep.',
            circumvention:
              'Something that you gave us is known from an account that we suspended or banned. Whoever is suspended or banned may not go on with another account.',
            decided:
              'We decided that this account goes on for one that we suspended or banned, and restricted it. Whoever is suspended or banned may not go on with another account.'
          }[what],
          ...(chooseBy
            ? [`Please do so by ${format.moment(chooseBy)}. After that, this account is restricted until you have chosen.`]
            : []),
          ...(what === 'decided'
            ? []
            : [
                until
                  ? `If the other account is not yours, verify your identity by ${format.moment(until)}. After that, this account is restricted until you do.`
                  : 'If the other account is not yours, verify your identity: when it is somebody else, that settles it.'
              ])
        ],
        actions: [
          ...(link === undefined ? [] : [{ label: what === 'choose' ? 'Choose an account' : 'See what you can do', link }]),
          { label: 'Appeal', link: appealLink }
        ],
        otherwise: 'If you think that we are wrong, appeal: the link works without signing in.',
        reason: 'You get this mail because it is about your Guildhall account. Such mails cannot be switched off.'
      })
    },
    case_closed: {
      subject: 'Your Guildhall account is cleared',
      body: () => ({
        paragraphs: ['We had asked you about another account. That is settled, and what we had restricted because of it is lifted.'],
        otherwise: 'You need not do anything.',
        reason: 'You get this mail because we had written to you about your Guildhall account.'
      })
    },
    verification_requested: {
      subject: 'Please verify your identity',
      body: ({ until, link }, format) => ({
        paragraphs: [
          `Please show us who you are by ${format.moment(until)}, with an official document and a photo of yourself. It takes a few minutes.`,
          'Nothing is restricted until then. After that, the account takes on no new business until you have done it.'
        ],
        actions: [{ label: 'Verify your identity', link }],
        otherwise: 'If you cannot do it in time, tell our support.',
        reason: 'You get this mail because it is about your Guildhall account. Such mails cannot be switched off.'
      })
    },
    verification_failed: {
      subject: 'Your identity could not be verified yet',
      body: ({ defects, until, link }, format) => ({
        paragraphs: [
          'We looked at what you sent us, and could not verify your identity with it. This is all that was wrong:',
          ...defects.map((defect) => defectWords[defect]),
          until ? `Please try again by ${format.moment(until)}.` : 'Please try again.'
        ],
        actions: [{ label: 'Try again', link }],
        otherwise: 'If you cannot put it right, tell our support.',
        reason: 'You get this mail because you sent us documents to verify your identity.'
      })
    },
    verification_passed: {
      subject: 'Your identity is verified',
      body: () => ({
        paragraphs: ['Thank you: your identity is verified. What was restricted until then is lifted.'],
        otherwise: 'You need not do anything.',
        reason: 'You get this mail because you sent us documents to verify your identity.'
      })
    },
    appeal_received: {
      subject: 'We have your appeal',
      body: ({ link }) => ({
        paragraphs: [
          'Your appeal has arrived. Somebody who was not part of the decision will look at it, and you will get a mail with the answer.'
        ],
        actions: [{ label: 'Look at the appeal', link }],
        otherwise: 'If you did not appeal, tell our support.',
        reason: 'You get this mail because an appeal was made against a decision that concerns you.'
      })
    },
    appeal_answer: {
      subject: 'The answer to your appeal',
      body: ({ outcome, reason, link }) => ({
        paragraphs: [
          {
            granted: 'We granted your appeal: everything is again as it was before our decision.',
            denied: 'We looked at everything again and denied your appeal: our decision stays.',
            more_info: 'To decide on your appeal we need to know more from you.'
          }[outcome]
        ],
        quotes: [{ lead: outcome === 'more_info' ? 'What we ask you:' : 'The reason:', text: reason }],
        actions: [{ label: outcome === 'more_info' ? 'Answer' : 'Look at the appeal', link }],
        otherwise: 'If you did not appeal, tell our support.',
        reason: 'You get this mail because an appeal was made against a decision that concerns you.'
      })
    },
    reactivation: {
      subject: 'Reactivate your account',
      body: ({ link, hours }, format) => ({
        paragraphs: [
          'Somebody, hopefully you, asked to reactivate your closed account. With the link it is active again.',
          `The link works once, within ${format.hours(hours)}.`
        ],
        actions: [{ label: 'Reactivate account', link }],
        otherwise: 'If that was not you, ignore this mail: your account stays closed.',
        reason: 'You get this mail because the reactivation of a closed account was asked for with this address.'
      })
    },
    account_closed: {
      subject: 'Your account was closed',
      body: ({ at, why, years, link }, format) => ({
        paragraphs: [
          why === 'person'
            ? 'Your Guildhall account was closed, as was asked for with a recent sign-in. All sessions have ended, and you are no longer a member of any organization.'
            : 'Your Guildhall account was closed because you keep another one. All its sessions have ended, and it is no longer a member of any organization.',
          why === 'person'
            ? `For ${format.years(years)} you can open it again with a link to this address. Memberships and organizations do not come back with it.`
            : 'It cannot be opened again by a link. Nothing of it was moved to the account that you keep.'
        ],
        facts: [{ label: 'Time', value: format.moment(at) }],
        ...(link ? { actions: [{ label: 'Reactivate account', link }] } : {}),
        otherwise: 'If that was not you, tell our support at once.',
        reason: 'You get this mail because your Guildhall account was closed.'
      })
    },
    erasure_scheduled: {
      subject: 'Your data will be erased',
      body: ({ until, link }, format) => ({
        paragraphs: [
          'Your Guildhall account is closed, and its data will be erased, as was asked for with a recent sign-in or by a link to your mailbox.',
          'Until then you can change your mind: reactivate your account, and nothing is erased. After that nobody can bring it back.'
        ],
        facts: [{ label: 'Erased from', value: format.moment(until) }],
        actions: [{ label: 'Reactivate account', link }],
        otherwise: 'If that was not you, reactivate your account at once and choose a new password.',
        reason: 'You get this mail because the data of your Guildhall account will be erased.'
      })
    },
    erasure_cancelled: {
      subject: 'Your data will not be erased',
      body: ({ at }, format) => ({
        paragraphs: [
          'You had asked for the data of your Guildhall account to be erased. Our support has cancelled that: nothing is erased, and your account stays as it is.',
          'You can ask for it again at any time while your account is not suspended or banned.'
        ],
        facts: [{ label: 'Time', value: format.moment(at) }],
        otherwise: 'If you did not ask our support for that, tell them at once.',
        reason: 'You get this mail because the erasure of the data of your Guildhall account was cancelled.'
      })
    }
  }
}
