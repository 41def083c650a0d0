import type { LightMyRequestResponse as Response } from 'fastify'
import { parseId } from '../../src/http/ids.ts'
import { weighAccount } from '../../src/identity/weighing.ts'
import type { Person, World } from './world.ts'

export interface OwnedCase {
  id: string
  accountIds: string[]
  newerAccountId: string
  kind: string
  status: string
  origin: string
  evidenceKinds: string[]
  score: number
  keptAccountId: string | null
  decidedBy: { kind: string; id: string | null } | null
}

const plain: Record<string, object> = {
  government_id: { country: 'DE', documentType: 'passport' },
  tax_id: { country: 'DE' },
  address: { country: 'DE' },
  name_birth_date: { birthDate: '1988-04-05' }
}

/** What tests do about who somebody is, through the API. */
export async function identities(world: World) {
  const service = await world.service('verification', ['evidence.write', 'access.evaluate'])
  const operator = await world.operator('desk@example.org')
  let count = 0

  /** Somebody new, whose device and address are already compared. */
  const somebody = (name = 'Sam'): Promise<Person> => world.person(name, { email: `${name.toLowerCase()}${count++}@example.com` })
  const uuid = ({ accountId }: Pick<Person, 'accountId'>): string => parseId('account', accountId)!

  /** Tells of verified evidence. */
  const evidence = (person: Pick<Person, 'accountId'>, kind: string, value: string, more: object = {}, instance = 0): Promise<Response> =>
    world.inject(
      {
        method: 'POST',
        url: `/v1/accounts/${person.accountId}/evidence`,
        headers: service.headers,
        payload: { kind, value, verified: true, ...plain[kind], ...more }
      },
      instance
    )

  const call = (method: 'GET' | 'POST' | 'PUT', url: string, by: { headers: object }, payload?: object, instance = 0): Promise<Response> =>
    world.inject({ method, url, headers: { ...by.headers }, ...(payload ? { payload } : {}) }, instance)

  /** The cases that operators see of somebody, the newest first. */
  const casesOf = async (person: Pick<Person, 'accountId'>): Promise<OwnedCase[]> =>
    ((await call('GET', `/v1/duplicate-cases?account=${person.accountId}`, operator)).json() as { items: OwnedCase[] }).items
  const enforcementOf = async (person: Pick<Person, 'accountId'>): Promise<string> =>
    (await world.sql<{ enforcement: string }>('select a.enforcement from accounts a where a.id = $1', [uuid(person)]))[0]!.enforcement
  /** Actions on somebody, as `kind reason status`. */
  const actionsOn = async (person: Pick<Person, 'accountId'>): Promise<string[]> =>
    (
      await world.sql<{ line: string }>(
        `select concat_ws(' ', kind, reason_code, case when status = 'active' and starts_at > now() then case when isfinite(starts_at) then 'pending' else 'stopped' end else status end) as line
          from enforcement_actions where account_id = $1 order by id`,
        [uuid(person)]
      )
    ).map(({ line }) => line)
  /** Does what the worker would do next. */
  const weighed = (person: Pick<Person, 'accountId'>) => weighAccount(world.parts, uuid(person))
  /** Lets a deadline pass. */
  const deadlinePasses = (person: Pick<Person, 'accountId'>) =>
    world.sql(
      `update enforcement_actions set starts_at = now() - interval '1 second' where account_id = $1 and status = 'active' and starts_at > now()`,
      [uuid(person)]
    )
  const decide = (caseId: string, decision: string, instance = 0, by: { headers: object } = operator): Promise<Response> =>
    call('POST', `/v1/duplicate-cases/${caseId}/decision`, by, { decision, reason: 'Looked at it.' }, instance)
  const result = (person: Pick<Person, 'accountId'>, outcome: string, defects?: string[], verificationId?: string): Promise<Response> =>
    call('PUT', `/v1/accounts/${person.accountId}/identity-verification/result`, service, {
      outcome,
      ...(defects ? { defects } : {}),
      ...(verificationId ? { verificationId } : {})
    })

  return { service, operator, somebody, uuid, evidence, call, casesOf, enforcementOf, actionsOn, weighed, deadlinePasses, decide, result }
}
