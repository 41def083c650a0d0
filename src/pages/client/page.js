/** What the pages share: reading the link, calling the service, and telling the person how it went. */

// A plus sign in an address is meant as one, whether or not the link spells it %2B.
const fragment = new URLSearchParams(location.hash.slice(1).replaceAll('+', '%2B'))
// Out of the address bar and the history at once: a token must not be read there, shared or opened again.
history.replaceState(null, '', location.pathname + location.search)
// Another link to this page, opened in this tab, changes nothing but the fragment.
addEventListener('hashchange', () => location.reload())

/** What the link carries after its `#`. */
export const token = fragment.get('token') || undefined
export const email = fragment.get('email') || undefined

const api = new URL('../v1/', import.meta.url)

/**
 * Calls an operation. Answers its body, or the problem it met; never throws.
 * Cookies stay out of it: whoever is signed in to this browser is not asked to vouch for a link.
 */
export async function call(method, path, { body, accessToken } = {}) {
  try {
    const response = await fetch(new URL(path, api), {
      method,
      headers: {
        accept: 'application/json, application/problem+json',
        ...(body && { 'content-type': 'application/json' }),
        ...(accessToken && { authorization: `Bearer ${accessToken}` })
      },
      ...(body && { body: JSON.stringify(body) }),
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(20_000)
    })
    const answer = await response.json().catch(() => ({}))
    return response.ok ? { body: answer } : { problem: problemOf(response, answer) }
  } catch {
    return { problem: { title: 'The service cannot be reached', detail: 'Check your connection and try again.', status: 0 } }
  }
}

/** The problem as the person meets it: a link that lost a piece on its way is as dead as an old one. */
function problemOf(response, answer) {
  if (answer.errors?.some(({ pointer }) => pointer === '/token')) {
    return { title: 'The link is incomplete', detail: 'Open it from the mail again, or ask for a new one.', status: 410 }
  }
  return { title: 'Something went wrong', detail: 'Please try again later.', ...answer, status: response.status, wait: waitOf(response) }
}

/** How long to wait, in words; undefined when the answer does not say. */
function waitOf(response) {
  const seconds = Number(response.headers.get('retry-after'))
  if (!(seconds > 0)) return undefined
  const [amount, unit] =
    seconds < 90 ? [seconds, 'second'] : seconds < 5400 ? [Math.ceil(seconds / 60), 'minute'] : [Math.ceil(seconds / 3600), 'hour']
  return `Try again in ${amount} ${unit}${amount === 1 ? '' : 's'}.`
}

const message = document.getElementById('message')

/** Says something where a screen reader hears it. */
export function say(title, { detail, mood = '' } = {}) {
  message.className = mood
  message.replaceChildren(...[title, detail].filter(Boolean).map(paragraph))
  // Above a long form it may be out of sight.
  if (mood) message.scrollIntoView({ block: 'nearest' })
}

/** Text in which backticks mark what is code. Never markup: it may hold what others wrote. */
function paragraph(text) {
  const parts = String(text).split('`')
  const nodes = parts.map((part, place) => (place % 2 === 1 ? Object.assign(document.createElement('code'), { textContent: part }) : part))
  const element = document.createElement('p')
  element.append(...nodes)
  return element
}

/** Shows one part of the page. */
export function showStep(name) {
  for (const step of document.querySelectorAll('[data-step]')) step.hidden = step.dataset.step !== name
  // The button that was pressed may be gone: what is said about it is the place to go on from, or what came instead.
  if (message.childNodes.length > 0) message.focus()
  else if (document.activeElement?.closest('[hidden]')) document.querySelector(`[data-step="${name}"] :is(h2, input, button)`)?.focus()
}

// Buttons that only lead to another part of the page.
for (const button of document.querySelectorAll('[data-to]')) {
  button.addEventListener('click', () => {
    say('')
    showStep(button.dataset.to)
  })
}

/** Problems that are about one field. */
const fieldOfCode = { password_refused: 'password', email_invalid: 'email', second_factor_invalid: 'code' }

/** Says what went wrong: beside the field it is about where there is one, above the form otherwise. */
export function showProblem({ code, title, detail, wait, errors }, form) {
  const text = wait ?? detail
  const faults = Array.isArray(errors)
    ? errors.map((error) => [String(error.pointer).split('/').at(-1), error.message])
    : [[fieldOfCode[code], text]]
  const fields = faults.map(([name, fault]) => [form.elements.namedItem(String(name)), fault])
  if (fields.some(([field]) => !field || field.matches(':disabled'))) return say(title, { detail: text, mood: 'bad' })
  say('')
  for (const [field, fault] of fields) {
    field.setAttribute('aria-invalid', 'true')
    document.getElementById(`${field.id}-fault`).replaceChildren(...paragraph(fault).childNodes)
  }
  fields[0][0].focus()
}

function clearFaults(form) {
  for (const field of form.querySelectorAll('[aria-invalid]')) {
    field.removeAttribute('aria-invalid')
    document.getElementById(`${field.id}-fault`).textContent = ''
  }
}

/** Does the work when the form of this step is sent, once at a time. The work is given the fields and the form. */
export function onSubmit(step, work) {
  const form = document.querySelector(`[data-step="${step}"] form`)
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    if ('busy' in form.dataset) return
    form.dataset.busy = ''
    clearFaults(form)
    say('One moment…')
    await work(Object.fromEntries(new FormData(form)), form)
    delete form.dataset.busy
  })
}
