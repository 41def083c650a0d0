import { dateAndTime, fill, finish, openOffer, showRefusal } from './joining.js'
import { call, say, showStep, token } from './page.js'
import { onSignIn } from './sign-in.js'

onSignIn(
  'sign_in',
  (accessToken) => call('POST', 'join-links/accept', { body: { token }, accessToken }),
  ({ body, problem }, form) => {
    if (problem?.code === 'email_domain_mismatch') {
      form.reset()
      say('Your account has no address at this company', { detail: 'None of its proven addresses belongs to the company.', mood: 'bad' })
      return showStep('mismatch')
    }
    if (problem) return showRefusal(problem, form)
    form.reset()
    finish('done', `You are a member of ${body.name}`)
  }
)

void openOffer('join-links/lookup', ({ company, expiresAt }) => {
  fill({ organization: company.name, until: dateAndTime(expiresAt) })
  showStep('sign_in')
})
