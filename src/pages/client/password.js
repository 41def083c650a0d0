/** A field for a new password, with the button beside it that shows what is typed. */
export function passwordField(id) {
  const input = document.getElementById(id)
  const reveal = document.getElementById(`${id}-reveal`)

  function show(shown) {
    input.type = shown ? 'text' : 'password'
    reveal.textContent = shown ? 'Hide' : 'Show'
    reveal.ariaLabel = shown ? 'Hide password' : 'Show password'
  }

  reveal.addEventListener('click', () => show(input.type === 'password'))
  // A browser remembers what a text field held, and may offer it to the next person: hide it before it is sent.
  return { hide: () => show(false) }
}
