import { evaluateAll } from '../../src/access/evaluate.ts'
import { system } from '../../src/actor.ts'
import { type IdKind, parseId } from '../../src/http/ids.ts'
import { may, readAsMember } from '../../src/organizations/change.ts'
import { faceOf } from '../../src/organizations/organizations.ts'
import type { Question, ResourceType } from '../../src/permissions/answer.ts'
import { askingService, type Decision, type Entity } from './access.ts'
import { clientOf } from './client.ts'
import { organizations, type Place } from './organizations.ts'
import type { Person, World } from './world.ts'

/** Somebody about whom is asked, and what. */
export interface Asked {
  person: Person
  memberId: string
  at: Place
  questions: ReadonlyArray<{ permission: string; resource: Entity }>
}

/** An answer; the reason where this way of asking tells it. */
export interface Said {
  allowed: boolean
  reason?: string
}

/** Answers in the order of the questions. */
type Door = (asked: Asked) => Promise<Said[]>
interface Held {
  organization: Array<{ key: string }>
  teams: Array<{ id: string; permissions: Array<{ key: string }> }>
}

/** Every way there is to ask, each on every instance: they may differ in whether they keep facts. */
export async function openDoors(world: World): Promise<Record<string, Door>> {
  const { send, ok } = organizations(world)
  const { post, batch, search, question, account, service } = await askingService(world)
  const consumer = await world.service('consumer', ['access.evaluate', 'events.read'])
  const uuidOf = ({ type, id }: Entity): string => parseId(type as IdKind, id)!
  const said = ({ decision, context }: Decision): Said => ({ allowed: decision, reason: context.reason })
  const each = ({ questions }: Asked, ask: (one: Asked['questions'][number]) => Said | Promise<Said>): Promise<Said[]> =>
    Promise.all(questions.map(ask))
  const isAmong = async (found: Promise<string[]>, one: string): Promise<Said> => ({ allowed: (await found).includes(one) })
  const has = (list: Array<{ key: string }>, permission: string): boolean => list.some(({ key }) => key === permission)
  /** What a list of permissions says. */
  const heldIn = (asked: Asked, { organization, teams }: Held): Promise<Said[]> =>
    each(asked, ({ permission, resource: { id } }) => ({
      allowed: has(organization, permission) || teams.some((team) => team.id === id && has(team.permissions, permission))
    }))
  /** The same from all of them. */
  async function agreed(answers: Array<Promise<Said[]>>): Promise<Said[]> {
    const [first, ...others] = await Promise.all(answers)
    for (const other of others)
      if (JSON.stringify(other) !== JSON.stringify(first)) throw new Error(`${JSON.stringify(first)} and ${JSON.stringify(other)}`)
    return first!
  }

  return {
    'the facts of a question': ({ person, questions }) => {
      const accountId = uuidOf(account(person))
      const asked = questions.map(({ permission, resource }): Question => {
        const type = resource.type as ResourceType
        return { accountId, permission, resource: { type, id: uuidOf(resource) } }
      })
      return agreed(
        world.allParts.map(async (parts) =>
          (await evaluateAll(parts, asked, { full: false, atLeast: undefined })).map(({ decision: { allowed, reason } }) => ({
            allowed,
            reason
          }))
        )
      )
    },
    'what acts are held against': async (asked) => {
      const actor = { ...system, kind: 'account', accountId: uuidOf(account(asked.person)), sessionId: '', signInAge: 0 } as const
      const acting = await readAsMember(world.parts.db, actor, { face: faceOf(asked.at.kind), organizationId: asked.at.id }, undefined)
      return each(asked, ({ permission, resource }) => {
        const { allowed, reason } = may(acting, permission, resource.type === 'team' ? uuidOf(resource) : null)
        return { allowed, reason }
      })
    },
    'a question': (asked) =>
      each(asked, async ({ permission, resource }) =>
        said((await post('evaluation', question(asked.person, permission, resource))).json() as Decision)
      ),
    'a question that asks for a way out': (asked) =>
      each(asked, async ({ permission, resource }) => {
        const answer = (await post('evaluation', question(asked.person, permission, resource, { explain: true }))).json() as Decision
        const { explanation } = answer.context
        if (!explanation || (answer.decision && explanation.way !== null)) throw new Error(`An explanation of ${JSON.stringify(answer)}`)
        return said(answer)
      }),
    'a batch': async ({ person, questions }) => {
      const evaluations = questions.map(({ permission, resource }) => ({ action: { name: permission }, resource }))
      return (await batch({ subject: account(person), evaluations })).map(said)
    },
    'a search for subjects': (asked) =>
      each(asked, ({ permission: name, resource }) =>
        isAmong(search('subject', { subject: { type: 'account' }, action: { name }, resource }), asked.person.accountId)
      ),
    'a search for resources': (asked) =>
      each(asked, ({ permission: name, resource: { type, id } }) =>
        isAmong(search('resource', { subject: account(asked.person), action: { name }, resource: { type } }), id)
      ),
    'a search for actions': (asked) =>
      each(asked, ({ permission, resource }) => isAmong(search('action', { subject: account(asked.person), resource }), permission)),
    'permissions of a member': async (asked) => {
      const { at, memberId } = asked
      return heldIn(asked, (await ok(send('GET', `${at.url}/members/${memberId}/permissions`, at.owner))).json() as Held)
    },
    'permissions of a person': (asked) =>
      agreed(
        world.apps.map(async (_, instance) => {
          const url = `/v1/accounts/${asked.person.accountId}/permissions?organization=${asked.at.id}`
          const { organizations } = (await ok(send('GET', url, service, undefined, instance))).json() as { organizations: Held[] }
          return heldIn(asked, organizations[0] ?? { organization: [], teams: [] })
        })
      ),
    'the client': (asked) => {
      // One that has kept nothing yet: what changes by hand in SQL is told by no event.
      const clients = [clientOf(world, consumer), clientOf(world, consumer, { cache: { stream: false, maxStaleMs: 60_000 } })]
      return agreed(
        clients.map(async (client) => {
          const ask = (): Promise<Said[]> =>
            each(asked, async ({ permission, resource: { type, id } }) => {
              const resource = type === 'team' ? ({ type, id, organization: asked.at.id } as const) : ({ type: asked.at.kind, id } as const)
              const { allowed, reason } = await client.may(asked.person.accountId, permission, resource)
              return { allowed, reason }
            })
          const first = await ask()
          return agreed([Promise.resolve(first), ask()])
        })
      )
    }
  }
}
