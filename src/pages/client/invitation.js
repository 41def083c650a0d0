import { dateAndTime, fill, finish, openOffer, showRefusal } from './joining.js'
import { call, onSubmit, say, showStep, token } from './page.js'
import { passwordField } from './password.js'
import { onSignIn } from './sign-in.js'

const profile = document.getElementById('profile')
const password = passwordField('new-password')

// Only the link in the mail itself proves the address: whoever copied it need not be the one who was invited.
if (!token?.startsWith('ghi_')) document.querySelector('[data-to="register"]').dataset.to = 'copied'

void openOffer('invitations/lookup', ({ organization, inviter, roles, affiliation, expiresAt }) => {
  fill({
    inviter,
    kind: organization.kind,
    organization: organization.name,
    roles: new Intl.ListFormat('en').format(roles.map(({ name }) => name)),
    until: dateAndTime(expiresAt),
    exclusive: affiliation === 'exclusive' ? 'You would work through this agency only, and through no other.' : ''
  })
  const needsProfile = roles.some(({ role }) => organization.kind === 'agency' && role === 'freelancer')
  profile.hidden = profile.disabled = !needsProfile
  document.getElementById('intent').value = organization.kind === 'agency' ? 'freelancer' : 'client'
  showStep('ways')
})

onSignIn(
  'sign_in',
  (accessToken) => call('POST', 'invitations/accept', { body: { token }, accessToken }),
  ({ body, problem }, form) => {
    if (problem?.code === 'invitation_email_mismatch') return showWays(problem, form)
    if (problem) return showRefusal(problem, form)
    form.reset()
    finish('accepted', `You are a member of ${body.organization.name}`)
  }
)

/** The ways out that the answer names. */
function showWays({ ways = [] }, form) {
  const codes = ways.map(({ code }) => code)
  for (const line of document.querySelectorAll('[data-way]')) line.hidden = !codes.includes(line.dataset.way)
  form.reset()
  say('The invitation is for another address', {
    detail: 'Your account does not have the invited address, or has not proven it.',
    mood: 'bad'
  })
  showStep('mismatch')
}

onSubmit('register', async ({ title, overview, password: chosen, ...fields }, form) => {
  password.hide()
  // Keyboards of phones leave a space behind a name.
  const texts = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value.trim()]))
  const registration = {
    ...texts,
    password: chosen,
    ...(title && { freelancerProfile: { title: title.trim(), overview: overview.trim() } }),
    ...mailLanguage()
  }
  const { body, problem } = await call('POST', 'invitations/accept', { body: { token, registration } })
  if (problem?.code === 'account_exists') {
    form.reset()
    say('The invited address has an account already', { detail: 'Sign in to it, and accept with that.', mood: 'bad' })
    return showStep('sign_in')
  }
  if (problem?.code === 'invitation_link_copied') {
    say('')
    return showStep('copied')
  }
  if (problem) return showRefusal(problem, form)
  form.reset()
  finish('accepted', `Welcome ${body.account.firstName}, you are a member of ${body.organization.name}`)
  // Registering signs in, but nobody goes on from this page with that session.
  await call('DELETE', 'me/sessions/current', { accessToken: body.session.accessToken })
})

/** The browser's language, where it has the form that the service takes. */
const mailLanguage = () => (/^[a-z]{2,3}(-[A-Z]{2})?$/.test(navigator.language) ? { locale: navigator.language } : {})

onSubmit('decline', async (_fields, form) => {
  const { problem } = await call('POST', 'invitations/decline', { body: { token } })
  if (problem) return showRefusal(problem, form)
  finish('declined', 'The invitation is declined')
})
