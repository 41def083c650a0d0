import { call, onSubmit, say, showProblem, showStep, token } from './page.js'

const offer = document.getElementById('offer')

/** Looks up what the link offers, and says so; tried again by hand when the service cannot be reached. `show` is given the answer. */
export async function openOffer(path, show) {
  if (!token) return showStep('dead_end')
  await lookUp()
  onSubmit('again', lookUp)

  async function lookUp() {
    say('One moment…')
    const { body, problem } = await call('POST', path, { body: { token } })
    if (problem?.status === 410) return end(problem)
    if (problem) {
      say(problem.title, { detail: problem.wait ?? problem.detail, mood: 'bad' })
      return showStep('again')
    }
    say('')
    offer.hidden = false
    show(body)
  }
}

/** The link leads nowhere any more. */
export function end({ title, detail }) {
  offer.hidden = true
  say(title, { detail, mood: 'bad' })
  showStep('over')
}

/** It is done: there is nothing left to decide. */
export function finish(step, title) {
  offer.hidden = true
  say(title, { mood: 'good' })
  showStep(step)
}

export const dateAndTime = (at) => new Date(at).toLocaleString([], { dateStyle: 'long', timeStyle: 'short' })

/** Puts text into places of the page by their ids: never markup, since others wrote it. */
export function fill(texts) {
  for (const [id, text] of Object.entries(texts)) document.getElementById(id).textContent = text
}

/** What keeps a person out for now, and what to do about it. */
const obstacles = {
  removed_needs_invitation: 'You were a member before and were removed. Somebody there has to send you a new invitation.',
  plan_upgrade_required: 'Its plan has no room for another member. Tell them, and try again when they have made room.',
  limit_reached: 'It has as many members as this service allows.',
  organization_suspended: 'It is suspended at the moment, and nobody can join it.',
  organization_banned: 'It was suspended for good, and nobody can join it.',
  organization_restricted:
    'It may not take anybody in by invitation at the moment. The invitation stays open until it ends: try again later.',
  organization_closed: 'It was closed, and nobody can join it.',
  inviter_no_longer_entitled:
    'Those who run the organization were told. The invitation stays open until it ends: try again when one of them has renewed it.',
  invitation_outdated:
    'A role or team that it names is gone. Those who run the organization were told, and the invitation stays open until it ends: try again when one of them has changed it.',
  freelancer_profile_required:
    'You are invited as a freelancer. Sign in to the marketplace and make a freelancer profile, then open the invitation again.',
  exclusive_elsewhere:
    'Whoever works exclusively through an agency belongs to that one only. The other membership has to end or change first.',
  independent_work_active:
    'You would work exclusively through the agency, but have contracts or proposals of your own. They have to end first.'
}

/** Says why somebody did not become a member, and leads on from there; what is wrong with a field is said beside it. */
export function showRefusal(problem, form) {
  if (problem.status === 410) return end(problem)
  const detail = obstacles[problem.code]
  if (!detail) return showProblem(problem, form)
  // What else was typed may be needed again.
  for (const secret of form.querySelectorAll('[name="password"], [name="code"]')) secret.value = ''
  say(problem.title, { detail, mood: 'bad' })
  showStep('stuck')
}
