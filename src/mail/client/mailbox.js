// Shows new mails as they come, but not while somebody types or marks text.
const { newest } = document.querySelector('[data-newest]').dataset

async function look() {
  const busy = document.hidden || document.activeElement?.matches('input') || !document.getSelection().isCollapsed
  if (busy) return
  const answer = await fetch(`mail.json${location.search}`)
  const { items } = await answer.json()
  if ((items[0]?.at ?? '') !== newest) location.reload()
}

// A service that restarts is asked again.
setInterval(() => look().catch(() => undefined), 2000)
