import { Eta } from 'eta'
import type { MailAction, MailBody } from './content.ts'

/** A mail in words, ready to be laid out. */
export interface Letter extends MailBody {
  language: string
  subject: string
  greeting: string
  linkHint: string
  closing: string
}

// Every value goes through `<%=`, which escapes for text and for quoted attributes. Colours are inline, since many mail programs drop the
// style sheet; the sheet turns them dark where it is kept. Nothing is loaded from anywhere.
const template = `<!doctype html>
<html lang="<%= it.language %>">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">
<title><%= it.subject %></title>
<style>
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .ground { background: #14171a !important; }
  .sheet { background: #1c2024 !important; border-color: #343a40 !important; }
  .text { color: #e5e4e0 !important; }
  .quiet { color: #a5adb4 !important; }
  .button { background: #8ac3df !important; border-color: #8ac3df !important; color: #0d2430 !important; }
  .quote { border-color: #4a525a !important; }
  .second { background: #1c2024 !important; color: #8ac3df !important; }
}
</style>
</head>
<body class="ground" style="margin:0;padding:0;background:#f5f4f1">
<table role="presentation" class="ground" width="100%" cellpadding="0" cellspacing="0" style="background:#f5f4f1">
<tr>
<td align="center" style="padding:24px 16px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:560px;text-align:left;font-family:-apple-system,'Segoe UI',Roboto,Arial,sans-serif;font-size:16px;line-height:1.5;overflow-wrap:anywhere;word-break:break-word">
<tr>
<td class="text" style="padding:0 4px 12px;color:#22272b;font-weight:600">Guildhall</td>
</tr>
<tr>
<td class="sheet" style="padding:28px 24px;background:#ffffff;border:1px solid #deddd7;border-radius:12px">
<h1 class="text" style="margin:0 0 16px;color:#22272b;font-size:22px;line-height:1.3"><%= it.subject %></h1>
<p class="text" style="margin:0 0 16px;color:#22272b"><%= it.greeting %></p>
<% for (const paragraph of it.paragraphs) { %>
<p class="text" style="margin:0 0 16px;color:#22272b"><%= paragraph %></p>
<% } %>
<% if (it.facts.length > 0) { %>
<p class="text" style="margin:0 0 16px;color:#22272b">
<% for (const { label, value } of it.facts) { %>
<%= label %>: <strong><%= value %></strong><br>
<% } %>
</p>
<% } %>
<% for (const { lead, text } of it.quotes) { %>
<p class="quiet" style="margin:0 0 4px;color:#5a636b;font-size:14px"><%= lead %></p>
<blockquote class="text quote" style="margin:0 0 16px;padding:0 0 0 14px;border-left:3px solid #c9c7bf;color:#22272b">
<% for (const line of text.split('\\n')) { %>
<%= line %><br>
<% } %>
</blockquote>
<% } %>
<% for (const [index, { label, link }] of it.actions.entries()) { %>
<p style="margin:24px 0 8px"><a class="<%= index === 0 ? 'button' : 'button second' %>" href="<%= link %>" style="display:inline-block;padding:12px 20px;border:1px solid #1f5f7f;border-radius:8px;background:<%= index === 0 ? '#1f5f7f' : '#ffffff' %>;color:<%= index === 0 ? '#ffffff' : '#1f5f7f' %>;font-weight:600;text-decoration:none"><%= label %></a></p>
<p class="quiet" style="margin:0 0 16px;color:#5a636b;font-size:14px"><%= it.linkHint %><br><span style="word-break:break-all"><%= link %></span></p>
<% } %>
<p class="text" style="margin:24px 0 16px;color:#22272b"><%= it.otherwise %></p>
<p class="text" style="margin:0;color:#22272b"><%= it.closing %></p>
</td>
</tr>
<tr>
<td class="quiet" style="padding:16px 4px;color:#5a636b;font-size:14px">
<p style="margin:0"><%= it.reason %></p>
<% if (it.quiet) { %>
<p style="margin:8px 0 0"><%= it.quiet.label %>:<br><a class="quiet" href="<%= it.quiet.link %>" style="color:#5a636b;word-break:break-all"><%= it.quiet.link %></a></p>
<% } %>
</td>
</tr>
</table>
</td>
</tr>
</table>
</body>
</html>
`

const eta = new Eta({ autoEscape: true })
const compiled = eta.compile(template)

/** The letter as a whole HTML document, every part escaped. */
export function htmlLetter({ facts = [], quotes = [], actions = [], ...letter }: Letter): string {
  return compiled.call(eta, { ...letter, facts, quotes, actions })
}

/** The letter for programs and people that read plain text, with each link on its own line. */
export function textLetter(letter: Letter): string {
  const { greeting, paragraphs, facts = [], quotes = [], actions = [], otherwise, closing, reason, quiet } = letter
  const parts = [
    greeting,
    ...paragraphs,
    facts.map(({ label, value }) => `${label}: ${value}`).join('\n'),
    ...quotes.map(({ lead, text }) => `${lead}\n${text.replace(/^/gm, '> ')}`),
    ...actions.map(asText),
    otherwise,
    closing,
    // Two dashes and a space: what follows is a signature, which mail programs show apart (RFC 3676 section 4.3).
    `-- \n${reason}`,
    quiet ? asText(quiet) : ''
  ]
  return `${parts.filter(Boolean).join('\n\n')}\n`
}

const asText = ({ label, link }: MailAction): string => `${label}:\n${link}`
