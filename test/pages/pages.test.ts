import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { replyProblem } from '../../src/http/problem-replies.ts'
import { countries } from '../../src/http/text.ts'
import { prefersJson } from '../../src/pages/accept.ts'
import { pagePolicy } from '../../src/pages/documents.ts'
import { homePage } from '../../src/pages/home.ts'
import { landingPages } from '../../src/pages/landing.ts'
import { problemPages } from '../../src/pages/problems.ts'
import { html, htmlPage } from '../../src/pages/shell.ts'
import { catalogue, type ProblemCode } from '../../src/problems.ts'

const publicUrl = 'https://guildhall.example'
const codes = Object.keys(catalogue) as ProblemCode[]
const landings = [
  '/verify-email',
  '/reset-password',
  '/confirm-email',
  '/undo-email-change',
  '/reactivate',
  '/invitation',
  '/join',
  '/do-not-invite',
  '/appeal'
]
const shared = ['/pages/page.js', '/pages/sign-in.js', '/pages/password.js', '/pages/joining.js']
const hostile = `"><script>alert('1')</script>&`

function serve(t: Test, { mailbox = false, url = publicUrl } = {}): FastifyInstance {
  const app = Fastify()
  app.setErrorHandler((error, request, reply) => replyProblem(url, false, error, request, reply))
  // As the answer to other origins does.
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('vary', 'Origin')
  })
  landingPages(app)
  problemPages(app, url)
  homePage(app, { publicUrl: url, mailbox })
  t.teardown(() => app.close())
  return app
}

/** Every address that a page or a style sheet names, resolved as a browser at `path` would. */
function addressesIn(text: string, path: string): URL[] {
  const named = [...text.matchAll(/\b(?:href|src|action|formaction|data|poster|srcset)="([^"]*)"|url\(([^)]*)\)|@import\s*"([^"]*)"/g)]
  return named.map(([, attribute, url, imported]) => new URL(attribute ?? url ?? imported!, new URL(path, publicUrl)))
}

t.test('200: each page is HTML under its own policy', async (t) => {
  const app = serve(t)
  for (const path of ['/', ...landings, '/problems', ...codes.map((code) => `/problems/${code}`)]) {
    const { statusCode, headers, body } = await app.inject(path)
    t.equal(statusCode, 200, path)
    t.equal(headers['content-type'], 'text/html; charset=utf-8', path)
    t.equal(headers['content-security-policy'], pagePolicy, path)
    t.match(body, /^<!doctype html>\n<html lang="en">/, path)
    t.match(body, /<h1>(<code>)?\w/, path)
    t.notMatch(body, /<style|\sstyle=|<script(?! type="module" src="[^"]+"><\/script>)|\son[a-z]+=/i, `${path} has nothing inline`)
  }
})

t.test('the policy allows this origin and no form to be sent without a script', async (t) => {
  t.same(pagePolicy.split('; ').sort(), [
    "base-uri 'none'",
    "connect-src 'self'",
    "default-src 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "img-src 'self'",
    "script-src 'self'",
    "style-src 'self'"
  ])
})

t.test('every address on a page is one of this service, and what the pages load is there', async (t) => {
  const app = serve(t)
  const served = new Set<string>()
  for (const path of ['/', ...landings, '/problems', ...codes.map((code) => `/problems/${code}`), '/pages/style.css', '/pages/icon.svg']) {
    for (const { origin, pathname } of addressesIn((await app.inject(path)).body, path)) {
      t.equal(origin, publicUrl, `${path} names ${origin}${pathname}`)
      served.add(pathname)
    }
  }
  // Other parts of the service answer these.
  const elsewhere = ['/docs', '/openapi.json', '/.well-known/jwks.json', '/health/ready']
  for (const path of served) if (!elsewhere.includes(path)) t.equal((await app.inject(path)).statusCode, 200, path)
  t.ok(['/pages/style.css', '/pages/icon.svg', ...landings.map((path) => `/pages${path}.js`)].every((path) => served.has(path)))
  for (const path of [...landings.map((path) => `/pages${path}.js`), ...shared]) {
    const { body } = await app.inject(path)
    for (const [, imported] of body.matchAll(/ from '\.(\/[\w-]+\.js)'/g))
      t.ok(shared.includes(`/pages${imported}`), `${path} imports ${imported}`)
    t.notMatch(body, /https?:\/\/|innerHTML|insertAdjacentHTML|localStorage|sessionStorage|document\.cookie/, path)
  }
})

t.test('behind a path, pages name addresses below it', async (t) => {
  const app = serve(t, { url: `${publicUrl}/identity` })
  for (const path of ['/', ...landings, '/problems', '/problems/not_found']) {
    for (const { pathname } of addressesIn((await app.inject(path)).body, `/identity${path}`)) t.match(pathname, /^\/identity\//, path)
  }
})

t.test('files are cached by entity tag', async (t) => {
  const app = serve(t)
  const types = { 'style.css': 'text/css', 'page.js': 'text/javascript', 'icon.svg': 'image/svg+xml' }
  for (const [name, type] of Object.entries(types)) {
    const first = await app.inject(`/pages/${name}`)
    t.match(first.headers['content-type'], type)
    t.equal(first.headers['cache-control'], 'no-cache')
    t.match(first.headers.etag, /^"[\w-]{22}"$/)
    const again = await app.inject({ url: `/pages/${name}`, headers: { 'if-none-match': String(first.headers.etag) } })
    t.equal(again.statusCode, 304)
    t.equal(again.body, '')
    t.equal((await app.inject({ url: `/pages/${name}`, headers: { 'if-none-match': '"other"' } })).statusCode, 200)
  }
})

t.test('a GET or HEAD of a landing page calls nothing: it answers the same page whatever the address carries', async (t) => {
  const app = serve(t)
  for (const path of landings) {
    const plain = await app.inject(path)
    t.equal((await app.inject(`${path}?token=abc`)).body, plain.body)
    const head = await app.inject({ method: 'HEAD', url: path })
    t.equal(head.statusCode, 200)
    t.equal(head.headers['content-security-policy'], pagePolicy)
    t.match(plain.body, /<noscript>/)
    t.match(plain.body, /aria-live="polite"/)
    t.match(plain.body, new RegExp(`src="pages${path}.js"`))
    t.equal(
      plain.body.match(/<section/g)?.length,
      plain.body.match(/<section[^>]* hidden>/g)?.length,
      'nothing shows that only a script can work'
    )
  }
})

t.test('each input of a landing page has its own label and place for faults', async (t) => {
  const app = serve(t)
  for (const path of landings) {
    const { body } = await app.inject(path)
    const ids = [...body.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id)
    t.equal(new Set(ids).size, ids.length, `${path} uses no id twice`)
    for (const [, id] of body.matchAll(/<(?:input|select|textarea)\b[^>]*? id="([^"]+)"/g)) {
      t.match(body, `<label for="${id}">`)
      t.match(body, `id="${id}-fault"`)
    }
    t.equal(body.match(/<(input|select|textarea)\b/g)?.length, body.match(/<label /g)?.length)
    const steps = [...body.matchAll(/data-step="([^"]+)"/g)].map(([, step]) => step)
    for (const [, step] of body.matchAll(/data-to="([^"]+)"/g)) t.ok(steps.includes(step), `${path} has the step ${step}`)
    const script = (await app.inject(`/pages${path}.js`)).body
    for (const [, id] of script.matchAll(/getElementById\('([^']+)'\)/g)) t.ok(ids.includes(id), `${path} has #${id}`)
    for (const [, step] of script.matchAll(/(?:showStep|onSubmit|onSignIn|finish)\(\s*'([^']+)'/g)) {
      t.ok(steps.includes(step), `${path} has the step ${step}`)
    }
    for (const [, described] of body.matchAll(/aria-describedby="([^"]+)"/g)) {
      for (const id of described!.split(' ')) t.ok(ids.includes(id), `${path} has #${id}`)
    }
  }
})

t.test('the rule for passwords is the configured one', async (t) => {
  const app = Fastify()
  landingPages(app, { passwordMinLength: 20 })
  t.teardown(() => app.close())
  for (const path of ['/reset-password', '/invitation']) {
    t.match((await app.inject(path)).body, 'At least 20 characters')
    t.match((await serve(t).inject(path)).body, 'At least 15 characters')
  }
})

t.test('an invited person chooses among all countries, by name', async (t) => {
  const { body } = await serve(t).inject('/invitation')
  const options = [...body.matchAll(/<option value="([A-Z]{2})">([^<]+)/g)]
  t.same(options.map(([, code]) => code).sort(), [...countries].sort())
  t.match(body, '<option value="CI">Côte d’Ivoire</option>')
  t.match(options[0], { 1: 'AF', 2: 'Afghanistan' })
})

t.test('the index lists every problem, under its status', async (t) => {
  const app = serve(t)
  const { body } = await app.inject('/problems')
  for (const code of codes) {
    const before = body.split(`href="problems/${code}"`)
    t.equal(before.length, 2, code)
    t.equal([...before[0]!.matchAll(/scope="rowgroup">(\d+) /g)].at(-1)?.[1], String(catalogue[code].status), code)
  }
})

t.test('each problem page has title, status, help and a sample that its caller could meet', async (t) => {
  const app = serve(t)
  const plain = (text: string) =>
    text
      .replace(/<[^>]+>/g, '')
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&amp;', '&')
  for (const code of codes) {
    const { title, status, help } = catalogue[code]
    const { body } = await app.inject(`/problems/${code}`)
    t.equal(plain(body.match(/<h1>(.*)<\/h1>/)![1]!), title.replaceAll('`', ''))
    t.ok(plain(body).includes(help.replaceAll('`', '')), code)
    t.equal(body.match(/<pre.*<\/pre>/s)![0].includes('`'), help.includes('`'), 'backticks remain in the sample alone')
    t.notMatch(body.replace(/<pre.*<\/pre>/s, ''), '`', code)
    const sample = JSON.parse(plain(body.match(/<pre[^>]*><code>(.*)<\/code><\/pre>/s)![1]!))
    t.match(sample, { type: `${publicUrl}/problems/${code}`, title, status, detail: help, code }, code)
  }
})

t.test('problems answer JSON to programs that ask for it', async (t) => {
  const app = serve(t)
  const headers = { accept: 'application/json' }
  const index = await app.inject({ url: '/problems', headers })
  t.equal(index.headers['content-type'], 'application/json; charset=utf-8')
  t.equal(index.headers.vary, 'Origin, Accept')
  t.same(
    index.json().items.map(({ code }: { code: string }) => code),
    codes
  )
  const one = await app.inject({ url: '/problems/not_found', headers })
  t.match(one.json(), { type: `${publicUrl}/problems/not_found`, code: 'not_found', ...catalogue.not_found, example: { status: 404 } })
  t.not(one.headers.etag, (await app.inject('/problems/not_found')).headers.etag)
})

t.test('the preferred of JSON and HTML is what Accept gives more weight', async (t) => {
  const json = [
    'application/json',
    'application/json, text/plain, */*',
    'text/html;q=0.5, application/json',
    'application/*',
    'text/html;q=0, */*;q=0.1'
  ]
  const page = [
    undefined,
    '*/*',
    '',
    'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'text/*, application/json;q=0.9',
    'application/json;q=0',
    'application/json;q=nonsense, */*;q=0.1',
    'image/png'
  ]
  for (const accept of json) t.ok(prefersJson(accept), accept)
  for (const accept of page) t.notOk(prefersJson(accept), accept ?? 'no header')
})

t.test('404: a code that is not in the catalogue, however it is written', async (t) => {
  const app = serve(t)
  for (const code of ['nothing', 'constructor', '__proto__', 'NOT_FOUND', hostile, '../not_found']) {
    const { statusCode, headers, body } = await app.inject(`/problems/${encodeURIComponent(code)}`)
    t.equal(statusCode, 404, code)
    t.equal(headers['content-type'], 'application/problem+json; charset=utf-8')
    t.notMatch(body, '<script')
  }
})

t.test('the home page leads to the mailbox only where there is one', async (t) => {
  t.notMatch((await serve(t).inject('/')).body, 'dev/mail')
  const { body } = await serve(t, { mailbox: true }).inject('/')
  for (const path of ['/docs', '/openapi.json', '/problems', '/.well-known/jwks.json', '/health/ready', '/dev/mail'])
    t.match(body, `href="${path}"`)
})

t.test('values are escaped in text and attributes, markup is not', async (t) => {
  const escaped = '&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;'
  const page = htmlPage({
    title: hostile,
    body: html`<p title="${hostile}">${hostile}${[hostile, html`<b>${1}</b>`]}${false}${undefined}</p>`
  })
  t.ok(page.includes(`<title>${escaped} · Guildhall</title>`))
  t.ok(page.includes(`<h1>${escaped}</h1>`))
  t.ok(page.includes(`<p title="${escaped}">${escaped}${escaped}<b>1</b></p>`))
  t.notMatch(page, '<script')
})

t.test('what merely looks like markup is not taken for it', async (t) => {
  const made = html`<b>bold</b>`
  const copied = JSON.parse(JSON.stringify({ ...made, markup: '<b>', text: '<b>' }))
  t.notMatch(htmlPage({ title: 'x', body: html`${copied}` }), '<b>')
})
