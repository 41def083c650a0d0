import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { type Service, startService } from '../../src/service.ts'
import { accessStage } from '../support/access-stage.ts'
import { makeKnown, path, wireRequest } from '../support/shortcuts.ts'
import { openWire } from '../support/wire.ts'
import { databaseUrl, openWorld } from '../support/world.ts'

/** Shortcuts in the service as a whole: until it closes, and not where each request is traced. */

const world = await openWorld(t, { config: { LIMIT_SERVICE: [{ amount: 1_000_000, seconds: 31_536_000 }] } })
const { question, service, inDesign, people } = await accessStage(world)
const bytes = wireRequest({ headers: service.headers, body: JSON.stringify(question(people.Hana, 'offer.send', inDesign)) })

const start = (changes: object): Promise<Service> =>
  startService(
    { ...world.config, HOST: '127.0.0.1', PORT: 0, METRICS_PORT: 0, WORKER: false, SHUTDOWN_SECONDS: 1, ...changes },
    databaseUrl('service', world.database),
    world.log
  )
const portOf = ({ app }: Service): number => (app.server.address() as AddressInfo).port

t.test('200: while the service closes each answer is the last of its connection, and none is lost', async (t) => {
  const running = await start({})
  t.teardown(running.stop)
  let taken = 0
  const shortcut = running.app.shortcuts.get(path)!
  running.app.shortcuts.set(path, (...given) => {
    const took = shortcut(...given)
    if (took) taken++
    return took
  })
  for (let tries = 0; !running.parts.changes.heard() && tries < 100; tries++) await delay(20)
  await makeKnown(running.app, running.parts, service)
  const [idle, halfway] = await Promise.all([openWire(portOf(running)), openWire(portOf(running))])
  for (const wire of [idle, halfway]) {
    wire.send(bytes)
    t.match(await wire.answer(), { status: 200, headers: { connection: 'keep-alive' } })
  }
  const head = bytes.indexOf('\r\n\r\n') + 4
  halfway.send(bytes.subarray(0, head))
  while (taken < 3) await delay(5)
  const stopped = running.stop()
  while (running.app.shortcuts.size > 0) await delay(5)
  halfway.send(bytes.subarray(head))
  idle.send(bytes)
  for (const wire of [idle, halfway]) {
    t.match(await wire.answer(), { status: 200, headers: { connection: 'close' } })
    await wire.closed
  }
  t.equal(taken, 3, 'the last one by the framework')
  await stopped
})

t.test('what is traced is answered by the framework, which makes the spans', async (t) => {
  const running = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' })
  t.teardown(running.stop)
  t.equal(running.app.shortcuts.size, 0)
  const wire = await openWire(portOf(running))
  wire.send(bytes)
  const answer = await wire.answer()
  t.equal(answer.status, 200)
  t.equal(answer.headers.connection, 'keep-alive', 'and goes on')
  await wire.hangUp()
})
