import { call, onSubmit, say, showProblem, showStep, token } from './page.js'

showStep(token ? 'silence' : 'dead_end')

/** Sets what holds for the address, says so, and offers the opposite. */
const set =
  (doNotInvite, { done, next }) =>
  async (_fields, form) => {
    const { problem } = await call('POST', 'invitation-preferences', { body: { token, doNotInvite } })
    if (problem) {
      showProblem(problem.status === 410 ? { ...problem, detail: 'It is too old, or a piece of it is missing.' } : problem, form)
      if (problem.status === 410) showStep('over')
      return
    }
    say(done, { mood: 'good' })
    showStep(next)
  }

onSubmit('silence', set(true, { done: 'No more invitations are mailed to you', next: 'allow' }))
onSubmit('allow', set(false, { done: 'You can be invited again', next: 'silence' }))
