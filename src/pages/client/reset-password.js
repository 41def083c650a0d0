import { call, onSubmit, say, showProblem, showStep, token } from './page.js'
import { passwordField } from './password.js'

const password = passwordField('password')
showStep(token ? 'choose' : 'ask')

onSubmit('choose', async (fields, form) => {
  password.hide()
  const { body, problem } = await call('POST', 'password-resets/confirm', { body: { token, password: fields.password } })
  if (problem) {
    showProblem(problem, form)
    if (problem.status === 410) showStep('ask')
    return
  }
  form.reset()
  listChanges(body.recentChanges ?? [])
  say('Your new password is set', { mood: 'good' })
  showStep('done')
})

const actions = {
  'email.added': 'An email address was added',
  'email.verified': 'An email address was confirmed',
  'email.removed': 'An email address was removed',
  'email.primary_changed': 'The primary email was changed',
  'second_factor.added': 'A second factor was set up',
  'second_factor.removed': 'The second factor was removed',
  'second_factor.recovery_codes': 'New recovery codes were made',
  'password.changed': 'The password was changed',
  'account.updated': 'The name or other details were changed',
  'invitation.sent': 'Somebody was invited',
  'member.roles_changed': 'Roles in an organization were changed',
  'ownership.offered': 'The ownership of an organization was offered',
  'ownership.offer_cancelled': 'An offer of ownership was taken back',
  'ownership.declined': 'An offer of ownership was declined',
  'ownership.transferred': 'The ownership of an organization changed hands'
}

/** Shows what somebody who had the old password may have done with it. */
function listChanges(changes) {
  const lines = changes.map(({ action, at }) => {
    const item = document.createElement('li')
    item.textContent = `${new Date(at).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })}: ${actions[action] ?? action}`
    return item
  })
  document.getElementById('changes').append(...lines)
  document.getElementById('changed').hidden = lines.length === 0
}

onSubmit('ask', async ({ email }, form) => {
  const { problem } = await call('POST', 'password-resets', { body: { email } })
  if (problem) return showProblem(problem, form)
  say('Look into your mailbox', { mood: 'good' })
  showStep('asked')
})
