import { call, email, onSubmit, say, showProblem, showStep, token } from './page.js'

// The address becomes part of a path: what is none, such as `..`, would lead elsewhere.
const usable = token && /^[^@]+@[^@]+$/.test(email ?? '')

const address = document.getElementById('address')
address.textContent = email
showStep(usable ? 'sign_in' : 'dead_end')

onSubmit('sign_in', async ({ code, ...credentials }, form) => {
  const session = await call('POST', 'sessions', { body: { ...credentials, ...secondFactor(code) } })
  if (session.problem) {
    if (session.problem.code === 'second_factor_required') return askForCode(form)
    return showProblem(session.problem, form)
  }

  const { accessToken } = session.body
  const { problem } = await call('POST', `me/emails/${encodeURIComponent(email)}/verify`, { body: { token }, accessToken })
  await call('DELETE', 'me/sessions/current', { accessToken })
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
})

function askForCode(form) {
  document.getElementById('second-factor').hidden = false
  form.elements.code.disabled = false
  say('One step more', { detail: 'The password is right. Your account also asks for a second factor.' })
  form.elements.code.focus()
}

/** Six digits come from an authenticator, often typed as two groups; anything else is a recovery code. */
function secondFactor(code) {
  if (!code) return {}
  const digits = code.replaceAll(/\s/g, '')
  return /^[0-9]{6}$/.test(digits) ? { totp: digits } : { recoveryCode: code.trim() }
}
