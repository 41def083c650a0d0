import { call, onSubmit, say, showProblem, showStep, token } from './page.js'

const element = (id) => document.getElementById(id)
const which = element('which')

/** What the measure means, in a sentence; `named` is what it is about. */
const measures = {
  notice: (named) => `This is a notice about ${named}. Nothing is restricted.`,
  warning: (named) => `This is a warning about ${named}. Nothing is restricted yet.`,
  restricted: (named) => `We restricted ${named}: current work goes on, new business does not.`,
  suspended: (named) => `We suspended ${named}: it cannot be used meanwhile.`,
  banned: (named) => `We banned ${named}: it cannot be used any more.`
}
const states = {
  submitted: 'It has arrived and waits for somebody to look at it.',
  in_review: 'Somebody is looking at it.',
  more_info: 'We have a question.',
  granted: 'We granted it: everything is as it was before the decision.',
  denied: 'We denied it: the decision stays.'
}
const hardness = Object.keys(measures)

const get = (path) => call('GET', path, { accessToken: token })
const post = (path, body) => call('POST', path, { body, accessToken: token })
const dateAndTime = (at) => new Date(at).toLocaleString([], { dateStyle: 'long', timeStyle: 'short' })

/** Decisions that stand, the hardest first; where none does, the newest of which an appeal tells. */
function worthShowing(items) {
  const standing = items.filter(({ status }) => status === 'active' || status === 'pending')
  standing.sort((one, other) => hardness.indexOf(other.kind) - hardness.indexOf(one.kind))
  return standing.length > 0 ? standing : items.filter(({ appeals }) => appeals.length > 0).slice(0, 1)
}

const nameOf = ({ kind, name }) => (kind === 'account' ? 'your account' : `your ${kind} ${name ?? ''}`.trim())

function line(id, text) {
  element(`${id}-line`).hidden = !text
  element(id).textContent = text ?? ''
}

let decisions = []

/** Reads everything anew, and shows the decision that was shown before, or the hardest. */
async function load(shown) {
  const items = []
  let cursor = ''
  do {
    const { body, problem } = await get(`me/enforcement?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)
    if (problem) return fail(problem)
    items.push(...body.items)
    cursor = body.nextCursor
    element('export').hidden = !['suspended', 'banned'].includes(body.enforcement)
  } while (cursor)
  decisions = worthShowing(items)
  if (decisions.length === 0) {
    element('decision').hidden = true
    say('')
    return showStep('nothing')
  }
  which.replaceChildren(
    ...decisions.map(({ id, kind, subject, reason }) => new Option(`${kind}: ${nameOf(subject)}, ${reason}`, id, false, id === shown))
  )
  element('several').hidden = decisions.length === 1
  return show()
}

function fail({ status, title, detail, wait }) {
  element('decision').hidden = true
  if (status === 401) {
    say('The link is no longer valid', { mood: 'bad' })
    return showStep('over')
  }
  say(title, { detail: wait ?? detail, mood: 'bad' })
  return showStep('again')
}

const chosen = () => decisions.find(({ id }) => id === which.value)

async function show() {
  const { subject, kind, reason, remedy, policy, since, until, status, appeal, appeals } = chosen()
  const stands = status === 'active' || status === 'pending'
  element('measure').textContent = stands ? measures[kind](nameOf(subject)) : `This decision about ${nameOf(subject)} is over.`
  line('reason', reason)
  line('remedy', remedy)
  line('policy', policy)
  line('since', since && dateAndTime(since))
  line('until', until && dateAndTime(until))
  const [newest] = appeals
  element('said-part').hidden = !newest
  if (newest) {
    const { body, problem } = await get(`appeals/${newest.id}`)
    if (problem) return fail(problem)
    element('state').textContent = states[body.status]
    element('said').replaceChildren(...body.messages.map(said))
  }
  element('decision').hidden = false
  say('')
  if (newest?.status === 'more_info') return showStep('question')
  if (appeal) return showStep('appeal')
  showStep(
    newest && !['granted', 'denied'].includes(newest.status)
      ? 'waiting'
      : status === 'active' || status === 'pending'
        ? 'closed'
        : 'nothing'
  )
}

/** One message as text: never markup, since people wrote it. */
function said({ author, text, createdAt }) {
  const item = document.createElement('li')
  const who = Object.assign(document.createElement('p'), {
    textContent: `${author === 'person' ? 'You' : 'We'}, ${dateAndTime(createdAt)}`
  })
  who.className = 'hint'
  const words = Object.assign(document.createElement('p'), { textContent: text })
  words.className = 'words'
  item.append(who, words)
  return item
}

onSubmit('appeal', async ({ statement }, form) => {
  const { id } = chosen()
  const { problem } = await post('appeals', { actionId: id, statement: plain(statement) })
  if (problem) return showProblem(problem, form)
  form.reset()
  await load(id)
  say('We have your appeal', { mood: 'good' })
})

onSubmit('question', async ({ text }, form) => {
  const { id, openAppeal } = chosen()
  const { problem } = await post(`appeals/${openAppeal}/answer`, { text: plain(text) })
  if (problem) return showProblem(problem, form)
  form.reset()
  await load(id)
  say('We have your answer', { mood: 'good' })
})

onSubmit('again', () => load())
which.addEventListener('change', () => show())

/** Browsers end the lines of a form with CR LF. */
const plain = (text) => text.replaceAll('\r\n', '\n').trim()

element('download').addEventListener('click', async ({ currentTarget: button }) => {
  button.disabled = true
  say('One moment…')
  const { body, problem } = await get('me/export')
  button.disabled = false
  if (problem) return say(problem.title, { detail: problem.wait ?? problem.detail, mood: 'bad' })
  say('')
  const href = URL.createObjectURL(new Blob([JSON.stringify(body, null, 2)], { type: 'application/json' }))
  Object.assign(document.createElement('a'), { href, download: 'guildhall-export.json' }).click()
  URL.revokeObjectURL(href)
})

if (token) {
  say('One moment…')
  void load()
} else showStep('dead_end')
