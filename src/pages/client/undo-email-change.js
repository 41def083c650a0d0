import { call, onSubmit, say, showProblem, showStep, token } from './page.js'

showStep(token ? 'undo' : 'dead_end')

onSubmit('undo', async (_fields, form) => {
  const { problem } = await call('POST', 'email-changes/undo', { body: { token } })
  if (problem) {
    showProblem(problem, form)
    if (problem.status === 410) showStep('over')
    return
  }
  say('The change is undone', { mood: 'good' })
  showStep('done')
})
