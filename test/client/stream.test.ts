import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { createClient } from '../../client/src/index.ts'
import { company, fakeGuildhall, olga } from '../support/fake-guildhall.ts'
import { until } from '../support/process.ts'

t.test('Q-4: with a stream a change is known at once; without an answer from the feed it proves nothing', async (t) => {
  const service = fakeGuildhall()
  let write: ((text: string) => void) | undefined
  service.state.instead = ({ headers }) => {
    if (headers.get('accept') !== 'text/event-stream') return undefined
    const body = new ReadableStream({
      start: (controller) => {
        write = (text) => controller.enqueue(new TextEncoder().encode(text))
      }
    })
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  }
  const client = createClient({ ...service.options, retries: 0, cache: { maxStaleMs: 500 } })
  t.teardown(() => client.close())
  const post = () => client.may(olga, 'job.post', { type: 'company', id: company })
  await post()
  t.match(await post(), { allowed: true, cached: true })
  await until('a stream', () => write)

  service.posters.clear()
  service.tell(olga)
  // In pieces, as networks hand things out.
  for (const piece of ['id: 1\nevent: member.removed\nda', `ta: {"subject":"${olga}"`, '}\n\n']) write!(piece)
  await delay(20)
  t.match(await post(), { allowed: false, cached: false })

  const reading = service.state.instead
  service.state.instead = (asked) => (asked.headers.get('accept') === 'text/event-stream' ? reading(asked) : new TypeError('cut'))
  await delay(520)
  write!(': alive\nid: 1\n\n')
  await delay(20)
  await t.rejects(post(), { code: 'unreachable' })
})
