import { call, onSubmit, say, showProblem, showStep, token } from './page.js'

showStep(token ? 'undo' : 'dead_end')

onSubmit('undo', async (_fields, form) => {
  const { problem } = await call('POST', 'email-changes/undo', { body: { token } })
  if (problem) {
    // There is no new one to ask for: only the change itself sends such a link.
    showProblem(problem.code === 'token_dead' ? { ...problem, detail: 'It was used already, or its time is over.' } : problem, form)
    if (problem.status === 410) showStep('over')
    return
  }
  say('The change is undone', { mood: 'good' })
  showStep('done')
})
