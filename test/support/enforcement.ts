import { newId } from '../../src/http/ids.ts'
import type { Person, World } from './world.ts'

const kinds = ['notice', 'warning', 'restricted', 'suspended', 'banned']

/** What to set in `accounts` or `organizations` so that this kind of enforcement, and no other, is in force: for tests of its effects alone. */
export const inForce = (kind: string): string => kinds.map((each) => `${each}_during = ${each === kind ? "'{(,)}'" : 'null'}`).join(', ')

/** Imposes an action on an account behind the service's back, as operators would have. */
export async function imposed(
  { sql }: Pick<World, 'sql'>,
  accountUuid: string,
  kind: string,
  { reasonCode = 'payment_fraud', remedy = 'wait' } = {}
): Promise<void> {
  await sql(
    `insert into enforcement_actions (id, account_id, kind, status, reason_code, policy, remedy, imposed_by_kind, imposed_by_id, approved_by_id)
      values ($1, $2, $3, 'active', $4, 'test', $5, 'operator', 'one', case when $3 = 'banned' then 'another' end)`,
    [newId(), accountUuid, kind, reasonCode, remedy]
  )
}

/** Signs somebody in again whose sessions an enforcement has ended. */
export async function returning(world: Pick<World, 'signIn'>, person: Person): Promise<void> {
  const { account: _, ...session } = (await world.signIn(person)).json() as Pick<Person, 'sessionId' | 'accessToken' | 'refreshToken'> & {
    account: object
  }
  Object.assign(person, session, { headers: { authorization: `Bearer ${session.accessToken}` } })
}
