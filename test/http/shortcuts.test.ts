import { randomUUID } from 'node:crypto'
import t from 'tap'
import { newId, publicId } from '../../src/http/ids.ts'
import { accessStage } from '../support/access-stage.ts'
import { accountClaims, currentKey, signed } from '../support/jwt.ts'
import { byFramework, listening, makeKnown, path, type Sent, type Way, wireRequest } from '../support/shortcuts.ts'
import { openWire, type WireAnswer } from '../support/wire.ts'
import { openWorld } from '../support/world.ts'

/** One and the same request, answered before the framework or by it: whoever asks cannot tell which. */

// No window of the limit ends while this runs.
const world = await openWorld(t, { config: { LIMIT_SERVICE: [{ amount: 1_000_000, seconds: 31_536_000 }] } })
const stage = await accessStage(world)
const { account, question, service } = stage
const { Hana, Sam, Bea, Finn, Olga } = stage.people
const other = await world.service('other', ['events.read'])
const operator = await world.operator()
const { app, port, wayOf, linesOf, registry } = await listening(t, world.parts)

const bearer = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` })
const plain = question(Hana, 'offer.send', stage.inDesign)
const allowed = JSON.stringify(plain)
const asking = (...asked: Parameters<typeof question>): string => JSON.stringify(question(...asked))
const key = await currentKey(world)
const serviceToken = (changes: object): string =>
  signed(
    { alg: 'EdDSA', typ: 'at+jwt', kid: key.kid },
    accountClaims(world, Hana, {
      sub: service.clientId,
      sid: undefined,
      client_id: service.clientId,
      aud: 'guildhall:service',
      ...changes
    }),
    key.key
  )
const delegation = (
  await world.inject({
    method: 'POST',
    url: '/v1/oauth/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: Bea.accessToken,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      requested_subject: stage.members.Finn
    }).toString()
  })
).json() as { access_token: string }
const freshness = (await stage.ask(Hana, 'offer.send', stage.inDesign)).context.consistencyToken!
const now = Math.floor(Date.now() / 1000)

interface Row extends Sent {
  name: string
  way: Way
  status: number
  /** What stands in the answer besides. */
  reason?: string
  /** Sent in these pieces, one packet each. */
  pieces?: (bytes: Buffer) => Buffer[]
}

const inHead = (bytes: Buffer): number => bytes.indexOf('\r\n\r\n') + 4
const chunked = (body: string): Pick<Row, 'headers' | 'body'> => ({
  headers: { 'content-length': undefined, 'transfer-encoding': 'chunked' },
  body: `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`
})
const big = JSON.stringify({ ...plain, more: 'x'.repeat(70_000) })

const typed = (type: string | string[] | undefined): Pick<Row, 'headers'> => ({ headers: { 'content-type': type } })

const rows: Row[] = [
  { name: 'allowed', way: 'shortcut', status: 200, reason: 'granted', body: allowed },
  { name: 'denied', way: 'shortcut', status: 200, reason: 'missing_permission', body: asking(Hana, 'company.close', stage.whole) },
  { name: 'no member', way: 'shortcut', status: 200, reason: 'not_a_member', body: asking(Sam, 'offer.send', stage.inDesign) },
  {
    name: 'unknown subject',
    way: 'shortcut',
    status: 200,
    body: asking({ accountId: publicId('account', newId()) }, 'offer.send', stage.inDesign)
  },
  { name: 'malformed id', way: 'shortcut', status: 200, body: asking({ accountId: 'account_x' }, 'offer.send', stage.inDesign) },
  {
    name: 'another kind of subject',
    way: 'shortcut',
    status: 200,
    body: JSON.stringify({ ...plain, subject: { type: 'robot', id: 'r2' } })
  },
  {
    name: 'a contract, of which nothing is kept',
    way: 'shortcut',
    status: 200,
    body: asking(Hana, 'contract.manage', { type: 'contract', id: 'contract-1' })
  },
  {
    name: 'a counterparty',
    way: 'shortcut',
    status: 200,
    body: asking(Hana, 'offer.send', stage.inDesign, { counterparty: account(Finn) })
  },
  {
    name: 'explained',
    way: 'given back',
    status: 200,
    reason: 'people',
    body: asking(Sam, 'offer.send', stage.inDesign, { explain: true })
  },
  { name: 'extra fields', way: 'shortcut', status: 200, body: JSON.stringify({ ...plain, trace: { id: 1 }, context: { mood: 'good' } }) },
  { name: 'letters of several bytes', way: 'shortcut', status: 200, body: JSON.stringify({ ...plain, more: 'Łódź 🙂' }) },
  {
    name: 'bytes that are no letters',
    way: 'shortcut',
    status: 200,
    body: Buffer.concat([Buffer.from(`{"more":"`), Buffer.from([0xff, 0xc3]), Buffer.from(`",${allowed.slice(1)}`)])
  },
  { name: 'HTTP/1.0', way: 'shortcut', status: 200, version: '1.0', body: allowed },
  {
    name: 'head and body in two packets',
    way: 'shortcut',
    status: 200,
    body: allowed,
    pieces: (bytes) => [bytes.subarray(0, inHead(bytes)), bytes.subarray(inHead(bytes))]
  },
  {
    name: 'body in two packets',
    way: 'given back',
    status: 200,
    body: allowed,
    pieces: (bytes) => [bytes.subarray(0, inHead(bytes) + 20), bytes.subarray(inHead(bytes) + 20)]
  },
  { name: 'chunked', way: 'framework', status: 200, ...chunked(allowed) },
  { name: 'length and chunks at once', way: 'framework', status: 400, ...chunked(allowed), headers: { 'transfer-encoding': 'chunked' } },
  { name: 'two lengths', way: 'framework', status: 400, headers: { 'content-length': [String(allowed.length), '3'] }, body: allowed },
  { name: 'over the limit', way: 'framework', status: 413, body: big },
  { name: 'over the limit in chunks', way: 'framework', status: 413, ...chunked(big) },
  { name: 'malformed JSON', way: 'given back', status: 400, body: '{"subject"' },
  { name: 'nothing', way: 'framework', status: 400, body: '' },
  { name: 'null', way: 'given back', status: 400, body: 'null' },
  { name: 'a list', way: 'given back', status: 400, body: '[]' },
  { name: 'a mark of byte order', way: 'given back', status: 200, body: `\ufeff${allowed}` },
  { name: 'schema faults', way: 'given back', status: 400, body: JSON.stringify({ ...plain, subject: { type: 'account' }, action: {} }) },
  { name: '__proto__', way: 'given back', status: 400, body: `{"__proto__":{"x":1},${allowed.slice(1)}` },
  { name: 'constructor', way: 'given back', status: 400, body: `{"constructor":{"prototype":{"x":1}},${allowed.slice(1)}` },
  { name: '__proto__ in escapes', way: 'given back', status: 400, body: `{"\\u005f_proto__":{"x":1},${allowed.slice(1)}` },
  { name: 'harmless escapes', way: 'given back', status: 200, body: allowed.replace('account', '\\u0061ccount') },
  { name: 'a charset', way: 'framework', status: 200, ...typed('application/json; charset=utf-8'), body: allowed },
  { name: 'another media type', way: 'framework', status: 400, ...typed('text/plain'), body: allowed },
  { name: 'a longer media type', way: 'framework', status: 400, ...typed('application/json, text/plain'), body: allowed },
  { name: 'no media type', way: 'framework', status: 400, ...typed(undefined), body: allowed },
  { name: 'two media types', way: 'framework', status: 400, ...typed(['application/json', 'text/plain']), body: allowed },
  { name: 'one media type twice', way: 'framework', status: 400, ...typed(['application/json', 'application/json']), body: allowed },
  { name: 'a query', way: 'framework', status: 400, path: `${path}?dryRun=true`, body: allowed },
  { name: 'another method', way: 'framework', status: 405, method: 'PUT', body: allowed },
  { name: 'a GET', way: 'framework', status: 405, method: 'GET', headers: { 'content-type': undefined, 'content-length': undefined } },
  { name: 'waiting to be told to go on', way: 'framework', status: 200, headers: { expect: '100-continue' }, body: allowed },
  {
    name: 'another spelling of Bearer',
    way: 'framework',
    status: 200,
    headers: { authorization: service.headers.authorization.replace('Bearer', 'bearer') },
    body: allowed
  },
  { name: 'no token', way: 'framework', status: 401, headers: { authorization: undefined }, body: allowed },
  {
    name: 'two tokens',
    way: 'shortcut',
    status: 200,
    headers: { authorization: [service.headers.authorization, bearer('x').authorization] },
    body: allowed
  },
  {
    name: 'a wrong token',
    way: 'framework',
    status: 401,
    headers: bearer(`${service.headers.authorization.slice(7, -4)}AAAA`),
    body: allowed
  },
  { name: 'an expired token', way: 'framework', status: 401, headers: bearer(serviceToken({ exp: now - 60 })), body: allowed },
  { name: 'a token of an account', way: 'framework', status: 200, headers: Hana.headers, body: allowed },
  { name: 'a token of an account about somebody else', way: 'framework', status: 403, headers: Olga.headers, body: allowed },
  { name: 'a token of an operator', way: 'framework', status: 401, headers: operator.headers, body: allowed },
  {
    name: 'a delegation',
    way: 'framework',
    status: 200,
    headers: bearer(delegation.access_token),
    body: asking(Finn, 'offer.respond', stage.theAgency)
  },
  { name: 'a service without the scope', way: 'framework', status: 403, headers: other.headers, body: allowed },
  { name: 'the present state', way: 'shortcut', status: 200, headers: { consistency: 'full' }, body: allowed },
  { name: 'another consistency', way: 'given back', status: 400, headers: { consistency: 'none' }, body: allowed },
  { name: 'At-Least-As-Fresh', way: 'framework', status: 200, headers: { 'at-least-as-fresh': freshness }, body: allowed },
  { name: 'At-Least-As-Fresh that is none', way: 'framework', status: 400, headers: { 'at-least-as-fresh': 'x.y' }, body: allowed },
  {
    name: 'the same in the context',
    way: 'shortcut',
    status: 200,
    body: asking(Hana, 'offer.send', stage.inDesign, { consistency: freshness })
  },
  {
    name: 'the same that is none',
    way: 'given back',
    status: 400,
    body: asking(Hana, 'offer.send', stage.inDesign, { consistency: 'x.y' })
  },
  ...batches({
    'a batch': ['shortcut', 200, { evaluations: [plain, question(Sam, 'offer.send', stage.whole)] }],
    'a batch with defaults that stops': [
      'shortcut',
      200,
      { ...plain, evaluations: [{}, { action: { name: 'x' } }, {}], options: { evaluations_semantic: 'deny_on_first_deny' } }
    ],
    'a batch of one question': ['shortcut', 200, plain],
    'a batch with a fault': ['shortcut', 200, { evaluations: [plain, { subject: { type: 1 } }] }],
    'a batch with a circumstance': ['given back', 200, { evaluations: [{ ...plain, context: { explain: true } }] }],
    'a batch to be explained': ['given back', 200, { evaluations: [plain], context: { explain: true } }],
    'a batch with what is no question': ['given back', 200, { evaluations: [plain, null] }],
    'too large a batch': ['given back', 400, { evaluations: Array.from({ length: 101 }, () => plain) }],
    'a batch that asks for something else': ['given back', 400, { evaluations: [plain], options: { evaluations_semantic: 'x' } }]
  })
]

/** Rows of `POST /access/v1/evaluations`. */
function batches(given: Record<string, [way: Way, status: number, body: object]>): Row[] {
  return Object.entries(given).map(([name, [way, status, body]]) => ({
    name,
    way,
    status,
    path: '/access/v1/evaluations',
    body: JSON.stringify(body)
  }))
}

const rowOf = (name: string): Row => rows.find((row) => row.name === name)!

/** Sends a request on a connection of its own. */
async function exchange({ pieces, ...sent }: Row, headers: Sent['headers']): Promise<WireAnswer> {
  const bytes = wireRequest({ ...sent, headers: { ...service.headers, ...sent.headers, ...headers } })
  const wire = await openWire(port)
  try {
    for (const [index, piece] of (pieces?.(bytes) ?? [bytes]).entries()) {
      if (index > 0) await new Promise((resolve) => setTimeout(resolve, 30))
      wire.send(piece)
    }
    return await wire.answer()
  } finally {
    await wire.hangUp()
  }
}

/** An answer without what is told of one moment alone. */
function lasting({ status, headers, body }: WireAnswer): object {
  const { date, ratelimit, 'x-request-id': id, ...others } = headers
  return {
    status,
    body: id ? body.replaceAll(id, 'ID') : body.replace(/"requestId":"[^"]*"/, ''),
    headers: { ...others, ratelimit: typeof ratelimit }
  }
}

for (const row of rows) {
  t.test(`Q-1 ${row.status}: ${row.name}, by the ${row.way}, as the framework answers it`, async (t) => {
    const id = randomUUID()
    await makeKnown(app, world.parts, service)
    const answer = await exchange(row, { 'x-request-id': id })
    t.equal(wayOf(id), row.way)
    t.equal(answer.status, row.status, answer.body)
    if (row.reason) t.match(answer.body, row.reason)
    const framework = await exchange(row, { ...byFramework, 'x-request-id': id })
    t.equal(wayOf(id), 'framework')
    t.strictSame(lasting(answer), lasting(framework))
  })
}

t.test('X-Request-ID is taken over, and made where it is none or not safe to show', async (t) => {
  for (const headers of [{}, byFramework]) {
    await makeKnown(app, world.parts, service)
    const answered = async (id: string | undefined) =>
      (await exchange(rowOf('allowed'), { ...headers, 'x-request-id': id })).headers['x-request-id']!
    t.equal(await answered('trace:1.2/3+4=5_-'), 'trace:1.2/3+4=5_-')
    for (const id of [undefined, '', 'x'.repeat(65), 'a","level":"fatal', 'a b', 'ä']) {
      const made = await answered(id)
      t.match(made, /^[0-9a-f]{8}-[0-9a-f-]{27}$/, `instead of ${id}`)
      t.equal(linesOf(made).length, 1)
    }
  }
})

t.test('each request is in the log and in the metrics once, whoever answers it', async (t) => {
  const name = 'guildhall_http_request_duration_seconds_count'
  const counted = async (): Promise<Record<string, number>> => {
    const lines = (await registry.metrics()).split('\n').filter((line) => line.startsWith(name))
    return Object.fromEntries(
      lines.map((line) => [/status="(\d+)"/.exec(line)![1]! + /method="\w+",route="[^"]*"/.exec(line)![0], Number(line.split(' ').at(-1))])
    )
  }
  for (const given of ['allowed', 'no member', 'body in two packets', 'malformed JSON', 'chunked', 'no token']) {
    const row = rowOf(given)
    const lines: object[] = []
    for (const headers of [{}, byFramework]) {
      await makeKnown(app, world.parts, service)
      const before = await counted()
      const id = randomUUID()
      t.equal((await exchange(row, { ...headers, 'x-request-id': id })).status, row.status)
      const after = await counted()
      const changed = Object.keys(after).filter((labels) => after[labels] !== before[labels])
      t.strictSame(changed, [`${row.status}method="POST",route="${path}"`], given)
      t.equal(after[changed[0]!]! - (before[changed[0]!] ?? 0), 1)
      const mine = linesOf(id)
      t.equal(mine.length, 1, given)
      const { time, ms, reqId, ...others } = mine[0]!
      t.match({ time, ms, reqId }, { time: /^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/, ms: Number, reqId: id })
      t.match(others, { level: 'info', msg: 'request', method: 'POST', route: path, status: row.status })
      lines.push({ ...others, names: Object.keys(mine[0]!) })
    }
    t.strictSame(lines[0], lines[1], `${given}: the same line`)
  }
})
