import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { refuse } from '../../src/problems.ts'
import { accessStage } from '../support/access-stage.ts'
import { byFramework, listening, makeKnown, type Sent, wireRequest } from '../support/shortcuts.ts'
import { openWire, type WireAnswer } from '../support/wire.ts'
import { openWorld } from '../support/world.ts'

/** Connections on which shortcuts and framework take turns, and what goes wrong on them. */

const world = await openWorld(t, { config: { LIMIT_SERVICE: [{ amount: 1_000_000, seconds: 31_536_000 }] } })
const stage = await accessStage(world)
const { question, service } = stage
const { Hana, Sam } = stage.people
const { parts } = world
const { app, port, wayOf, linesOf } = await listening(t, parts)

const kept = question(Hana, 'offer.send', stage.inDesign)
/** Nothing is kept about who is no member: the database is asked each time. */
const asked = question(Sam, 'offer.send', stage.inDesign)
const allowed = JSON.stringify(kept)
const denied = JSON.stringify(asked)
const request = (body: string, headers: Sent['headers'] = {}): Buffer => wireRequest({ headers: { ...service.headers, ...headers }, body })
const reasonOf = ({ body }: WireAnswer): string => (JSON.parse(body) as { context: { reason: string } }).context.reason
const known = (): Promise<void> => makeKnown(app, parts, service)

/** Has the database answer facts by what this gives for as long as the work takes. */
async function whileFacts(answer: () => Promise<never[]>, work: () => Promise<unknown>): Promise<void> {
  const { pipeline } = parts.db
  const { run } = pipeline
  pipeline.run = ((statement, values) => (statement.name === 'access_team' ? answer() : run(statement, values))) as typeof run
  try {
    await work()
  } finally {
    pipeline.run = run
  }
}

t.test('Q-1 200: one connection, whoever answers before and after', async (t) => {
  const wire = await openWire(port)
  await known()
  const bodies = [allowed, denied, `{"x":"\\u0061",${allowed.slice(1)}`, '{}', allowed, allowed]
  for (const headers of [{}, {}, byFramework, {}]) {
    for (const body of bodies) {
      const id = randomUUID()
      wire.send(request(body, { ...headers, 'x-request-id': id }))
      const answer = await wire.answer()
      t.equal(answer.headers['x-request-id'], id)
      t.equal(answer.status, body === '{}' ? 400 : 200)
      t.equal(answer.headers.connection, 'keep-alive')
    }
  }
  await wire.hangUp()
})

t.test('Q-1 200: many requests in one packet are answered in their order, each on its own', async (t) => {
  const wire = await openWire(port)
  await known()
  const bodies = [denied, allowed, '{}', allowed, `{"x":"\\u0061",${denied.slice(1)}`, denied, allowed]
  const ids = bodies.map(() => randomUUID())
  wire.send(Buffer.concat(bodies.map((body, index) => request(body, { 'x-request-id': ids[index], ...(index === 5 ? byFramework : {}) }))))
  for (const [index, body] of bodies.entries()) {
    const answer = await wire.answer()
    t.equal(answer.headers['x-request-id'], ids[index])
    if (body === '{}') t.equal(answer.status, 400)
    else t.equal(reasonOf(answer), body === allowed ? 'granted' : 'not_a_member')
  }
  t.strictSame(ids.map(wayOf), ['shortcut', 'shortcut', 'given back', 'shortcut', 'given back', 'framework', 'shortcut'])
  await wire.hangUp()
})

t.test('a body never becomes a request, and what follows a wrong length is none', async (t) => {
  const hidden = wireRequest({ path: '/v1/permissions', method: 'GET', headers: { 'x-hidden': '1' } }).toString()
  for (const headers of [{}, byFramework]) {
    await known()
    const wire = await openWire(port)
    // Longer than it says: its rest is no request.
    wire.send(request(allowed, { ...headers, 'content-length': String(allowed.length - 2) }))
    const answer = await wire.answer()
    t.match(answer, { status: 400, headers: { connection: 'close' } })
    await wire.closed
    // A request within a body is data.
    const inside = await openWire(port)
    inside.send(request(JSON.stringify({ ...kept, more: hidden }), headers))
    t.equal((await inside.answer()).status, 200)
    inside.send(request(allowed, headers))
    t.equal(reasonOf(await inside.answer()), 'granted')
    await inside.hangUp()
  }
})

t.test('Q-7 503: what cannot be read is told by the framework, counted once, and the connection goes on', async (t) => {
  const wire = await openWire(port)
  const leftOf = ({ headers }: WireAnswer): number => Number(/r=(\d+)/.exec(headers.ratelimit!)![1])
  for (const [failure, status] of [
    [refuse('service_unavailable'), 503],
    [new Error('something else'), 500]
  ] as const) {
    await known()
    wire.send(request(allowed))
    const before = leftOf(await wire.answer())
    const failing = async (): Promise<never> => {
      await delay(20)
      throw failure
    }
    await whileFacts(failing, async () => {
      const id = randomUUID()
      wire.send(request(denied, { 'x-request-id': id }))
      const answer = await wire.answer()
      t.match(answer, { status, headers: { 'x-request-id': id } })
      t.equal(wayOf(id), 'given back')
      t.equal(leftOf(answer), before - 1)
      t.equal(linesOf(id).filter(({ msg }) => msg === 'request').length, 1)
    })
    wire.send(request(denied))
    t.equal(reasonOf(await wire.answer()), 'not_a_member')
  }
  await wire.hangUp()
})

t.test('a client that goes away before its answer leaves nothing behind, and is no request that was answered', async (t) => {
  for (const headers of [{}, byFramework]) {
    for (const sent of ['head', 'half', 'all', 'all, in vain']) {
      const id = randomUUID()
      let gone = false
      let seen = false
      const slow = async (): Promise<never[]> => {
        seen = true
        while (!gone) await delay(5)
        if (sent === 'all') return []
        throw refuse('service_unavailable')
      }
      const work = async (): Promise<void> => {
        await known()
        const wire = await openWire(port)
        const bytes = request(denied, { ...headers, 'x-request-id': id })
        const head = bytes.indexOf('\r\n\r\n') + 4
        wire.send(sent === 'head' ? bytes.subarray(0, head) : sent === 'half' ? bytes.subarray(0, -9) : bytes)
        while (sent.startsWith('all') && !seen) await delay(5)
        await delay(20)
        await wire.hangUp()
        await delay(20)
        gone = true
        await delay(20)
      }
      await whileFacts(slow, work)
      t.strictSame(
        linesOf(id).filter(({ msg }) => msg === 'request'),
        [],
        `${sent} by ${JSON.stringify(headers)}`
      )
      t.equal(await connections(), 0)
      if (sent.startsWith('all')) t.equal(wayOf(id), headers === byFramework ? 'framework' : 'shortcut', 'nobody else takes it up')
    }
  }
})

const connections = (): Promise<number> => new Promise((resolve) => app.server.getConnections((_, count) => resolve(count)))

t.test('401 403: a client that was disabled or lost its scope a moment ago is answered no more', async (t) => {
  for (const [status, change] of [
    [401, 'disabled_at = now()'],
    [403, `scopes = '{events.read}'`]
  ] as const) {
    const fading = await world.service(`fading ${status}`, ['access.evaluate'])
    await makeKnown(app, parts, fading)
    const wire = await openWire(port)
    const ask = async (headers: object, way: string): Promise<number> => {
      const id = randomUUID()
      wire.send(request(allowed, { ...fading.headers, ...headers, 'x-request-id': id }))
      const { status } = await wire.answer()
      t.equal(wayOf(id), way)
      return status
    }
    t.equal(await ask({}, 'shortcut'), 200)
    await world.sql(`update service_clients set ${change} where id = $1`, [parseId('service', fading.clientId)])
    await world.settled()
    t.equal(await ask({}, 'framework'), status)
    t.equal(await ask({}, 'framework'), status)
    await wire.hangUp()
  }
})

t.test('401: a token that is remembered is worth nothing once it has expired', async (t) => {
  const { now } = Date
  await known()
  const wire = await openWire(port)
  const status = async (): Promise<number> => {
    wire.send(request(allowed))
    return (await wire.answer()).status
  }
  t.equal(await status(), 200)
  const seconds = world.config.ACCESS_TOKEN_SECONDS
  try {
    // Five seconds are for clocks that differ.
    Date.now = () => now() + (seconds + 2) * 1000
    t.equal(await status(), 200)
    Date.now = () => now() + (seconds + 6) * 1000
    t.equal(await status(), 401)
  } finally {
    Date.now = now
  }
  t.equal(await status(), 200)
  await wire.hangUp()
})

t.test('429: at once, never more is answered than the rate, and all the rest is refused', async (t) => {
  const rate = { amount: 60, seconds: 31_536_000 }
  const limited = { ...parts, policies: { ...parts.policies, service: { name: 'service', rates: [rate], lease: 500 } } }
  const strict = await listening(t, limited)
  const busy = await world.service('busy', ['access.evaluate'])
  await makeKnown(strict.app, parts, busy)
  const wires = await Promise.all(Array.from({ length: 4 }, () => openWire(strict.port)))
  const answers = await Promise.all(
    wires.flatMap((wire, index) => {
      const ids = Array.from({ length: 40 }, () => randomUUID())
      wire.send(Buffer.concat(ids.map((id) => request(index % 2 ? denied : allowed, { ...busy.headers, 'x-request-id': id }))))
      return ids.map(async (id) => ({ answer: await wire.answer(), way: strict.wayOf(id) }))
    })
  )
  const statuses = Object.groupBy(answers, ({ answer }) => answer.status)
  t.strictSame(Object.keys(statuses), ['200', '429'])
  t.equal(statuses[200]!.length, rate.amount - 1, 'one was spent on being known')
  t.ok(statuses[200]!.some(({ way }) => way === 'shortcut'))
  t.ok(statuses[429]!.every(({ way, answer }) => way !== 'shortcut' && Number(answer.headers['retry-after']) > 0))
  const id = randomUUID()
  wires[0]!.send(request(allowed, { ...busy.headers, 'x-request-id': id }))
  t.equal((await wires[0]!.answer()).status, 429, 'now that all is spent')
  t.equal(strict.wayOf(id), 'given back')
  await Promise.all(wires.map((wire) => wire.hangUp()))
})
