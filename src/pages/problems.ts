import { STATUS_CODES } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { catalogue, type ProblemCode, refuse } from '../problems.ts'
import { prefersJson } from './accept.ts'
import { type Document, jsonDocument, pageDocument, sendDocument, serveFiles } from './documents.ts'
import { html, htmlPage, type Markup } from './shell.ts'

const codes = Object.keys(catalogue) as ProblemCode[]

/** The pages that the `type` of a problem names, one for each code and an index, for people and as JSON. */
export function problemPages(app: FastifyInstance, publicUrl: string): void {
  serveFiles(app)
  const index = { page: pageDocument(indexPage()), json: jsonDocument({ items: codes.map((code) => described(code, publicUrl)) }) }
  const byCode = new Map<string, Both>(
    codes.map((code) => [code, { page: pageDocument(codePage(code, publicUrl)), json: jsonDocument(described(code, publicUrl)) }])
  )

  app.get('/problems', { config: { open: true } }, (request, reply) => sendEither(request, reply, index))
  app.get<{ Params: { code: string } }>('/problems/:code', { config: { open: true } }, (request, reply) => {
    const both = byCode.get(request.params.code)
    if (!both) throw refuse('not_found')
    return sendEither(request, reply, both)
  })
}

interface Both {
  page: Document
  json: Document
}

function sendEither(request: FastifyRequest, reply: FastifyReply, { page, json }: Both): FastifyReply {
  const vary = [reply.getHeader('vary'), 'Accept'].filter(Boolean).join(', ')
  return sendDocument(request, reply.header('vary', vary), prefersJson(request.headers.accept) ? json : page)
}

const typeOf = (code: ProblemCode, publicUrl: string): string => `${publicUrl}/problems/${code}`

const described = (code: ProblemCode, publicUrl: string) => ({
  type: typeOf(code, publicUrl),
  code,
  ...catalogue[code],
  example: sample(code, publicUrl)
})

/** Members that some problems have beside the common ones. */
const extensions: Partial<Record<ProblemCode, Record<string, unknown>>> = {
  invalid_input: { errors: [{ pointer: '/firstName', message: 'is missing' }] },
  reauthentication_required: { maxAgeSeconds: 600 },
  access_denied: { missingPermissions: ['member.invite'] },
  account_suspended: { reason: '…', remedy: '…', appealUrl: '…' },
  account_banned: { reason: '…', remedy: '…', appealUrl: '…' },
  email_invalid: { reason: '…' },
  password_refused: { reason: 'too_short' },
  too_many_requests: { violatedPolicies: ['anonymous'] }
}

/** The document as a caller could meet it. */
const sample = (code: ProblemCode, publicUrl: string) => ({
  type: typeOf(code, publicUrl),
  title: catalogue[code].title,
  status: catalogue[code].status,
  detail: catalogue[code].help,
  instance: '/v1/…',
  code,
  requestId: '0198c5d2-6f0e-7a31-9d54-3f1b8a6c2e70',
  ...extensions[code]
})

/** Text in which backticks mark what is code. */
const withCode = (text: string): Markup =>
  html`${text.split('`').map((part, place) => (place % 2 === 1 ? html`<code>${part}</code>` : part))}`

const plain = (text: string): string => text.replaceAll('`', '')

function indexPage(): string {
  const statuses = [...new Set(codes.map((code) => catalogue[code].status))].sort((one, other) => one - other)
  const body = html`
      <p>Every failure is answered as a problem document (RFC 9457), whose <code>type</code> leads to its page here.
        A code keeps its meaning for good: programs may rely on it.</p>
      <table>
        <thead><tr><th scope="col">Code</th><th scope="col">What it means</th></tr></thead>
${statuses.map(
  (status) => html`
        <tbody>
          <tr><th colspan="2" scope="rowgroup">${status} ${STATUS_CODES[status]}</th></tr>
${codes
  .filter((code) => catalogue[code].status === status)
  .map(
    (code) =>
      html`          <tr><td><a href="problems/${code}"><code>${code}</code></a></td><td>${withCode(catalogue[code].title)}</td></tr>\n`
  )}
        </tbody>`
)}
      </table>`
  return htmlPage({ title: 'Problems', body, wide: true, root: '' })
}

function codePage(code: ProblemCode, publicUrl: string): string {
  const { status, title, help } = catalogue[code]
  const body = html`
      <p class="facts"><span class="badge">${status} ${STATUS_CODES[status]}</span> <code>${code}</code></p>
      <p>${withCode(help)}</p>
      <h2 id="sample">Sample</h2>
      <pre tabindex="0" role="region" aria-labelledby="sample"><code>${JSON.stringify(sample(code, publicUrl), null, 2)}</code></pre>
      <p><a href="../problems">All problems</a></p>`
  return htmlPage({ title: plain(title), heading: withCode(title), body, wide: true, root: '../' })
}
