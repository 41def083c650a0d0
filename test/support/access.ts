import type { LightMyRequestResponse as Response } from 'fastify'
import type { Person, World } from './world.ts'

export interface Decision {
  decision: boolean
  context: {
    reason: string
    grants: Array<{ role: string; teamId?: string }>
    missing: string[]
    consistencyToken?: string
    explanation?: {
      way: string | null
      roles: Array<{ role: string; teamId?: string }>
      by: string | null
      people?: string[]
      morePeople: boolean
    }
    error?: { status: number; code: string; message: string }
  }
}
export interface Found {
  results: Array<{ type?: string; id?: string; name?: string }>
  page: { next_token: string; count: number }
}
export interface Entity {
  type: string
  id: string
}

/** What an answer says, without what is told of one request or of its moment alone. */
const said = ({ statusCode, body }: Response): string =>
  JSON.stringify([
    statusCode,
    JSON.parse(body || 'null', (key, value) => (['consistencyToken', 'next_token', 'instance', 'requestId'].includes(key) ? '' : value))
  ])

/** A service that asks, and the questions in short. */
export async function askingService(world: World) {
  const service = await world.service('jobs', ['access.evaluate'])
  const inject = (instance: number, path: string, payload: unknown, headers: object): Promise<Response> =>
    world.inject(
      {
        method: 'POST',
        url: `/access/v1/${path}`,
        headers: { 'content-type': 'application/json', ...headers },
        payload: typeof payload === 'string' ? payload : JSON.stringify(payload)
      },
      instance
    )
  /** Asks every instance, with facts that are kept and without: they answer the same. */
  async function post(path: string, payload: unknown, by: { headers: object } = service, headers: object = {}): Promise<Response> {
    const answers = await Promise.all(world.apps.map((_, instance) => inject(instance, path, payload, { ...by.headers, ...headers })))
    const [told, ...others] = answers.map(said)
    for (const other of others)
      if (other !== told) throw new Error(`Instances differ about ${JSON.stringify(payload)}: ${told} and ${other}`)
    return answers[0]!
  }

  async function read<Body>(response: Promise<Response>): Promise<Body> {
    const answer = await response
    if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${answer.body}`)
    return answer.json() as Body
  }

  const account = (who: Pick<Person, 'accountId'>): Entity => ({ type: 'account', id: who.accountId })
  const question = (who: Pick<Person, 'accountId'>, permission: string, resource: Entity, context?: object) => ({
    subject: account(who),
    action: { name: permission },
    resource,
    ...(context ? { context } : {})
  })
  const ask = (...asked: Parameters<typeof question>): Promise<Decision> => read(post('evaluation', question(...asked)))

  return {
    service,
    post,
    account,
    question,
    ask,
    /** Just the reason. */
    reason: async (...asked: Parameters<typeof question>): Promise<string> => (await ask(...asked)).context.reason,
    batch: async (body: object): Promise<Decision[]> => (await read<{ evaluations: Decision[] }>(post('evaluations', body))).evaluations,
    /** All pages of a search. */
    search: async (what: 'subject' | 'resource' | 'action', body: object, limit?: number): Promise<string[]> => {
      const all: string[] = []
      let token = ''
      do {
        const page = { ...(limit === undefined ? {} : { limit }), ...(token ? { token } : {}) }
        const found = await read<Found>(post(`search/${what}`, { ...body, page }))
        all.push(...found.results.map(({ id, name }) => (id ?? name)!))
        token = found.page.next_token
      } while (token)
      return all
    }
  }
}
