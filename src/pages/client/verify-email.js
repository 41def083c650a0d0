import { call, onSubmit, say, showProblem, showStep, token } from './page.js'

showStep(token ? 'confirm' : 'ask')

onSubmit('confirm', async (_fields, form) => {
  const { body, problem } = await call('POST', 'email-verifications', { body: { token } })
  if (problem) {
    showProblem(problem, form)
    if (problem.status === 410) showStep('ask')
    return
  }
  say(`Your email is proven, welcome ${body.account.firstName}`, { mood: 'good' })
  showStep('done')
  // Proving an address signs in, but nobody goes on from this page with that session.
  await call('DELETE', 'me/sessions/current', { accessToken: body.session.accessToken })
})

onSubmit('ask', async ({ email }, form) => {
  const { problem } = await call('POST', 'email-verifications/resend', { body: { email } })
  if (problem) return showProblem(problem, form)
  say('Look into your mailbox', { mood: 'good' })
  showStep('asked')
})
