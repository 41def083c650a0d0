import { call, onSubmit, say, showProblem, showStep, token } from './page.js'

showStep(token ? 'confirm' : 'ask')

/** Where a refusal leads: a dead link to a new one, anything that support has to decide to the end of this page. */
const showRefusal = (problem, form) => {
  showProblem(problem, form)
  if (problem.status === 410) showStep('ask')
  if (problem.status === 409) showStep('support')
}

onSubmit('confirm', async (_fields, form) => {
  const { problem } = await call('POST', 'reactivations/confirm', { body: { token } })
  if (problem) return showRefusal(problem, form)
  say('Your account is open again', { mood: 'good' })
  showStep('done')
})

onSubmit('ask', async ({ email }, form) => {
  const { problem } = await call('POST', 'reactivations', { body: { email } })
  if (problem) return showProblem(problem, form)
  say('Look into your mailbox', { mood: 'good' })
  showStep('asked')
})
