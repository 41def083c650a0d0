import { call, email, say, showProblem, showStep, token } from './page.js'
import { onSignIn } from './sign-in.js'

// The address becomes part of a path: what is none, such as `..`, would lead elsewhere.
const usable = token && /^[^@]+@[^@]+$/.test(email ?? '')

const address = document.getElementById('address')
address.textContent = email
showStep(usable ? 'sign_in' : 'dead_end')

onSignIn(
  'sign_in',
  (accessToken) => call('POST', `me/emails/${encodeURIComponent(email)}/verify`, { body: { token }, accessToken }),
  ({ problem }, form) => {
    if (problem?.status === 404) {
      say('This link is for another account', { detail: `Sign in with the account to which you added ${email}.`, mood: 'bad' })
      return
    }
    if (problem) {
      showProblem(problem, form)
      if (problem.status === 410) showStep('over')
      return
    }
    form.reset()
    say(`${email} is proven`, { mood: 'good' })
    showStep('done')
  }
)
