import { deadEnd, form, type LandingPage, textArea } from './landing-form.ts'
import { html } from './shell.ts'

const fact = (label: string, id: string) => html`
          <div id="${id}-line"><dt>${label}</dt><dd id="${id}"></dd></div>`

/** For whoever something was decided about, also when they cannot sign in any more (E-4). */
export const appeal: LandingPage = {
  name: 'appeal',
  title: 'What we decided',
  lead: html`
      <div id="decision" hidden>
        <div id="several" class="field" hidden>
          <label for="which">There are several decisions</label>
          <div class="input"><select id="which"></select></div>
          <p class="fault" id="which-fault" aria-live="polite"></p>
        </div>
        <p><strong id="measure"></strong></p>
        <dl class="terms">${[fact('The reason', 'reason'), fact('What you can do', 'remedy'), fact('Rule', 'policy'), fact('Since', 'since'), fact('Until', 'until')]}
        </dl>
        <div id="said-part" hidden>
          <h2>Your appeal</h2>
          <p id="state"></p>
          <ol id="said" class="said"></ol>
        </div>
      </div>`,
  steps: {
    appeal: html`
        <p>If you think that we are wrong, or have put it right, write to us. Somebody who was not part of the decision will look at it.</p>${form(
          'Send the appeal',
          textArea({
            name: 'statement',
            label: 'Your appeal',
            hint: 'What happened, and why the decision should go. Up to 4000 characters.',
            most: 4000
          })
        )}`,
    question: html`
        <p>Please answer the question, so that we can go on.</p>${form('Send the answer', textArea({ name: 'text', label: 'Your answer', most: 4000 }))}`,
    waiting: html`
        <p>There is nothing to do for you now. You get a mail with the answer, and this page shows it too.</p>`,
    closed: html`
        <p>Nothing further can be done about this decision here.</p>`,
    nothing: html`
        <p>Nothing is in force on your account. You can sign in as usual.</p>`,
    again: form('Try again'),
    over: html`
        <p>Such links live for thirty days. Try to sign in: if your account is suspended, you get a new one.</p>`,
    dead_end: deadEnd
  },
  tail: html`
      <section id="export" hidden>
        <h2 id="export-title">Your data</h2>
        <p>You can have a copy of what we know about you, whatever we decided.</p>
        <p><button type="button" class="quiet" id="download">Download my data</button></p>
      </section>`
}
