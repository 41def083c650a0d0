import { call, onSubmit, say, showProblem } from './page.js'

/**
 * Signs in with the form of this step, acts as that person, and signs out again. `act` is given the access token; `done` is given what
 * it answered, and the form.
 */
export function onSignIn(step, act, done) {
  onSubmit(step, async ({ code, ...credentials }, form) => {
    const session = await call('POST', 'sessions', { body: { ...credentials, ...secondFactor(code) } })
    if (session.problem?.code === 'second_factor_required') return askForCode(form)
    if (session.problem) return showProblem(inWords(session.problem), form)

    const { accessToken } = session.body
    const answer = await act(accessToken)
    await call('DELETE', 'me/sessions/current', { accessToken })
    done(answer, form)
  })

  // Another account may have no second factor.
  const form = document.querySelector(`[data-step="${step}"] form`)
  form.addEventListener('reset', () => showCode(form, false))
  form.elements.email.addEventListener('input', () => showCode(form, false))
}

function showCode({ elements }, shown) {
  document.getElementById('second-factor').hidden = !shown
  elements.code.disabled = !shown
}

function askForCode(form) {
  showCode(form, true)
  say('One step more', { detail: 'The password is right. Your account also asks for a second factor.' })
  form.elements.code.focus()
}

/** Six digits come from an authenticator, often typed as two groups; anything else is a recovery code. */
function secondFactor(code) {
  if (!code) return {}
  const digits = code.replaceAll(/\s/g, '')
  return /^[0-9]{6}$/.test(digits) ? { totp: digits } : { recoveryCode: code.trim() }
}

/** What is said for programs elsewhere, said to the person. */
const inWords = (problem) =>
  problem.code === 'email_unverified'
    ? { ...problem, detail: 'Open the link in the mail that you got when you registered, then come back to this page.' }
    : problem
