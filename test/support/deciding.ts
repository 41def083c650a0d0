import type { LightMyRequestResponse as Response } from 'fastify'
import { parseId } from '../../src/http/ids.ts'
import { signedAppealUrl } from '../../src/sessions/appeal-links.ts'
import { organizations } from './organizations.ts'
import type { Person, World } from './world.ts'

interface Operator {
  headers: { authorization: string }
}

export interface ShownAction {
  id: string
  kind: string
  status: string
  endsAt: string | null
}

/** What operators decide in tests, and what people answer, through the API. */
export function deciding(world: World) {
  const { send, ok } = organizations(world)
  const urlOf = (id: string): string =>
    `/v1/${{ account: 'accounts', company: 'companies', agency: 'agencies' }[id.split('_')[0]!]}/${id}/enforcement`

  const impose = (by: Operator, id: string, kind: string, more: object = {}, instance = 0): Promise<Response> =>
    send('POST', urlOf(id), by, { kind, reasonCode: 'terms_violation', ...more }, instance)
  /** The action that came of it. */
  const done = async (by: Operator, id: string, kind: string, more: object = {}): Promise<ShownAction> =>
    (await ok(impose(by, id, kind, more))).json() as ShownAction
  const approve = (by: Operator, id: string, actionId: string, instance = 0): Promise<Response> =>
    send('POST', `${urlOf(id)}/${actionId}/approval`, by, {}, instance)
  const lift = (by: Operator, id: string, actionId: string, reason = 'remedied', instance = 0): Promise<Response> =>
    send('DELETE', `${urlOf(id)}/${actionId}?reason=${reason}`, by, undefined, instance)
  /** By two operators, as it takes. */
  const ban = async (one: Operator, other: Operator, id: string): Promise<ShownAction> => {
    const { id: actionId } = await done(one, id, 'banned')
    return (await ok(approve(other, id, actionId))).json() as ShownAction
  }

  /** What the signed link of a person lets them send. */
  const linkOf = async ({ accountId }: Pick<Person, 'accountId'>): Promise<Operator> => {
    const url = await signedAppealUrl(world.config, world.parts.db.query, parseId('account', accountId)!)
    return { headers: { authorization: `Bearer ${url.split('#token=')[1]}` } }
  }
  const appeal = (by: { headers: object }, more: object = {}, instance = 0): Promise<Response> =>
    send('POST', '/v1/appeals', by, { statement: 'It was not me.', ...more }, instance)
  const decide = (by: Operator, appealId: string, decision: string, instance = 0): Promise<Response> =>
    send('POST', `/v1/appeals/${appealId}/decision`, by, { decision, ...(decision === 'in_review' ? {} : { text: 'Because.' }) }, instance)
  /** From the submission to the grant. */
  const grant = async (by: Operator, appealId: string): Promise<void> => {
    await ok(decide(by, appealId, 'in_review'))
    await ok(decide(by, appealId, 'granted'))
  }

  /** Moves an action in time, as if the clock had moved: seconds from now. The database itself lets nobody do that. */
  const shift = (actionId: string, startsIn: number, endsIn: number): Promise<unknown> =>
    world.sql(`
      alter table enforcement_actions disable trigger enforcement_actions_history;
      update enforcement_actions set starts_at = now() + make_interval(secs => ${startsIn}), ends_at = now() + make_interval(secs => ${endsIn})
        where id = '${parseId('action', actionId)}';
      alter table enforcement_actions enable trigger enforcement_actions_history`)
  /** Which kind is in force, as the database computes it. */
  const enforcementOf = async (id: string): Promise<string> => {
    const kind = id.split('_')[0] as 'account' | 'company' | 'agency'
    const [row] = await world.sql<{ enforcement: string }>(
      `select s.enforcement from ${kind === 'account' ? 'accounts' : 'organizations'} s where s.id = $1`,
      [parseId(kind, id)]
    )
    return row!.enforcement
  }
  const liveSessions = async ({ accountId }: Pick<Person, 'accountId'>): Promise<number> =>
    (
      await world.sql('select from sessions where account_id = $1 and ended_at is null and expires_at > now()', [
        parseId('account', accountId)
      ])
    ).length

  return { send, ok, urlOf, impose, done, approve, lift, ban, linkOf, appeal, decide, grant, shift, enforcementOf, liveSessions }
}
