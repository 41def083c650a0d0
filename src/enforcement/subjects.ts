import { sql } from 'drizzle-orm'
import { lockAccount } from '../accounts/accounts.ts'
import type { ActorOf } from '../actor.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { lockOrganization, requireId } from '../organizations/organizations.ts'
import { requireNotOwnAccount, requireNotOwnOrganization } from '../organizations/ownership.ts'
import { refuse } from '../problems.ts'
import type { Subject } from './actions.ts'

/** Which kind of subject a route is about. */
export interface SubjectFace {
  kind: Subject['kind']
  /** In paths: `/v1/accounts/…`. */
  path: 'accounts' | 'companies' | 'agencies'
  /** In names of operations: `imposeAccountEnforcement`. */
  Name: 'Account' | 'Company' | 'Agency'
}

export const subjectFaces: readonly SubjectFace[] = [
  { kind: 'account', path: 'accounts', Name: 'Account' },
  { kind: 'company', path: 'companies', Name: 'Company' },
  { kind: 'agency', path: 'agencies', Name: 'Agency' }
]

/** Whom a path names. */
export interface Named {
  face: SubjectFace
  subjectId: string
}

/** @throws not_found when it is no id of that kind */
export const subjectOf = ({ face, subjectId }: Named): Subject => ({ kind: face.kind, id: requireId(face.kind, subjectId) })

/** Locks whom an action is about, so that all actions on one subject are serial; also one that is closed. @throws not_found */
export async function lockSubject(tx: Tx, { kind, id }: Subject): Promise<{ anonymised: boolean }> {
  if (kind === 'account') return { anonymised: (await lockAccount(tx, id)).status === 'anonymised' }
  await lockOrganization(tx, kind, id)
  return { anonymised: false }
}

/** @throws not_found when there is no such account or organization */
export async function requireSubject(executor: Db['query'] | Tx, { kind, id }: Subject): Promise<void> {
  const found = await rows(
    executor,
    kind === 'account' ? sql`select from accounts where id = ${id}` : sql`select from organizations where id = ${id} and kind = ${kind}`
  )
  if (found.length === 0) throw refuse('not_found')
}

/** Nobody acts on an account of their own, nor on an organization they own or are a member of. @throws access_denied */
export async function requireImpartial(tx: Tx, actor: ActorOf<'operator'>, { kind, id }: Subject): Promise<void> {
  return kind === 'account' ? requireNotOwnAccount(tx, actor, id) : requireNotOwnOrganization(tx, actor, id)
}
