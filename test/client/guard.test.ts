import type { FastifyReply, FastifyRequest } from 'fastify'
import t from 'tap'
import { guildhallGuard as expressGuard } from '../../client/src/express.ts'
import { guildhallGuard as fastifyGuard } from '../../client/src/fastify.ts'
import { createClient } from '../../client/src/index.ts'
import { company, fakeGuildhall, olga, remy } from '../support/fake-guildhall.ts'

/** What the client does for routes: both guards, by their contract with the frameworks; the real ones are tried with the package. */

interface Asking {
  account?: string
}
const guard = {
  account: ({ account }: Asking) => account,
  action: 'job.post',
  resource: () => ({ type: 'company', id: company }) as const
}
type Answer = [number, string, Record<string, unknown>] | 'passed'

const service = fakeGuildhall()
const client = createClient({ ...service.options, retries: 0 })

function answers(): { answer: Answer; reply: Record<'code' | 'status' | 'headers' | 'set' | 'send', (value: never) => void> } {
  const given = { status: 0, type: '' }
  const result: { answer: Answer; reply: ReturnType<typeof answers>['reply'] } = {
    answer: 'passed',
    reply: {
      code: (value: number) => void (given.status = value),
      status: (value: number) => void (given.status = value),
      headers: (values: Record<string, string>) => void (given.type = values['content-type']!),
      set: (values: Record<string, string>) => void (given.type = values['content-type']!),
      send: (body: string) => void (result.answer = [given.status, given.type, JSON.parse(body)])
    }
  }
  return result
}

const viaFastify = async (request: Asking): Promise<Answer> => {
  const made = answers()
  const returned = await fastifyGuard(client, guard)(request, made.reply as never)
  if (made.answer !== 'passed' && returned !== made.reply) throw new Error('Fastify goes on unless the reply is returned.')
  return made.answer
}
const viaExpress = (request: Asking): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const made = answers()
    const { send } = made.reply
    made.reply.send = (body) => {
      send(body)
      resolve(made.answer)
    }
    expressGuard(client, guard)(request, made.reply as never, (error) => (error ? reject(error) : resolve('passed')))
  })

for (const [name, ask] of Object.entries({ fastify: viaFastify, express: viaExpress })) {
  t.test(`${name}: who may passes; a denial is 403, nobody is 401, no answer is 503`, async (t) => {
    const problem = 'application/problem+json'
    t.equal(await ask({ account: olga }), 'passed')
    t.match(await ask({ account: remy }), [
      403,
      problem,
      { code: 'access_denied', reason: 'missing_permission', missingPermissions: ['job.post'] }
    ])
    t.match(await ask({}), [401, problem, { code: 'not_signed_in' }])
    service.state.instead = () => new TypeError('cut')
    t.match(await ask({ account: olga }), [503, problem, { code: 'service_unavailable' }])
    service.state.instead = ({ path }) =>
      path.startsWith('/access') ? service.json({ code: 'not_signed_in', status: 401 }, 401) : undefined
    t.match(await ask({ account: olga }), [503, problem], 'that the service does not know its client is not the fault of the caller')
    service.state.instead = () => undefined
  })
}

t.test('the guard of Fastify fits its types', async (t) => {
  const preHandler: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown> = fastifyGuard<FastifyRequest>(client, {
    ...guard,
    account: ({ headers }) => headers['x-account']?.toString()
  })
  t.type(preHandler, 'function')
})
