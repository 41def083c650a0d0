import type { Principal } from '../actor.ts'
import { readConsistencyToken, type Versions } from '../http/consistency.ts'
import { type IdKind, parseId } from '../http/ids.ts'
import type { Keyring } from '../keyring.ts'
import { type Counterparty, type Question, type ResourceType, resourceTypes } from '../permissions/answer.ts'
import type { Reason } from '../permissions/reasons.ts'
import { refuse } from '../problems.ts'
import { type Freshness, present } from './facts.ts'

/** Who asks: a service about anybody, a person about themselves. */
export type Asker = Extract<Principal, { kind: 'account' | 'service' }>

export interface Entity {
  type: string
  id: string
}

/** What comes along with a question. */
export interface Circumstances {
  /** `full`, or a consistency token. */
  consistency?: string | undefined
  delegation?: { actor: string; agency: string } | undefined
  counterparty?: Entity | undefined
  explain?: boolean | undefined
}

/** A question in the words of the standard. */
export interface Request {
  subject: Entity
  action: string
  resource: Entity
  context: Circumstances
}

/** a person asks about themselves only, and whoever acts for somebody about that one. @throws access_denied */
export function requireMayAsk(asker: Asker, subject: Entity | undefined, context: Circumstances): void {
  if (asker.kind === 'service') return
  const self = asker.actingFor?.accountId ?? asker.accountId
  const own = subject?.type === 'account' && parseId('account', subject.id) === self
  // In whose name somebody acts is in their token, not in what they say.
  if (!own || context.delegation) throw refuse('access_denied', { extensions: { missingPermissions: ['access.evaluate'] } })
}

/** The same question with what its words name; or why it is denied already: ids that are none name what is unknown. */
export function questionOf(asker: Asker, { subject, action, resource, context }: Request): Question | Reason {
  if (subject.type !== 'account') return 'unknown_subject'
  const type = resourceTypes.find((known) => known === resource.type)
  if (!type) return 'unknown_resource'
  return {
    accountId: parseId('account', subject.id) ?? null,
    permission: action,
    resource: { type, id: resourceId(type, resource.id) },
    counterparty: context.counterparty && counterpartyOf(context.counterparty),
    delegation: delegationOf(asker, context)
  }
}

const foreignTypes: ResourceType[] = ['contract', 'conversation']
const foreignId = /^[A-Za-z0-9_.:-]{1,64}$/

export function resourceId(type: ResourceType, id: string): string | null {
  if (foreignTypes.includes(type)) return foreignId.test(id) ? id : null
  return parseId(type as IdKind, id) ?? null
}

function counterpartyOf({ type, id }: Entity): Counterparty | 'unknown' {
  const known = (['account', 'agency'] as const).find((kind) => kind === type)
  const uuid = known && parseId(known, id)
  return uuid ? { type: known, id: uuid } : 'unknown'
}

function delegationOf(asker: Asker, { delegation }: Circumstances): Question['delegation'] {
  if (asker.kind === 'account' && asker.actingFor) {
    const { agencyId, permissions } = asker.actingFor
    return { managerId: asker.accountId, agencyId, permissions }
  }
  return delegation && { managerId: parseId('account', delegation.actor) ?? null, agencyId: parseId('agency', delegation.agency) ?? null }
}

/** Together as fresh as each of them asks for. */
export function fresher(one: Freshness, other: Freshness): Freshness {
  if (isAnything(other)) return one
  if (isAnything(one)) return other
  const atLeast: Versions = new Map(one.atLeast)
  for (const [key, version] of other.atLeast ?? []) atLeast.set(key, Math.max(version, atLeast.get(key) ?? 0))
  return { full: one.full || other.full, atLeast }
}

const isAnything = ({ full, atLeast }: Freshness): boolean => !full && atLeast === undefined

const anything: Freshness = { full: false, atLeast: undefined }

/** What the headers ask for. @throws malformed_request */
export function headerFreshness(consistency: unknown, atLeast: Versions | undefined): Freshness {
  if (consistency !== undefined && consistency !== 'full')
    throw refuse('malformed_request', { detail: '`Consistency` can only be `full`.' })
  return consistency === undefined && atLeast === undefined ? anything : { full: consistency === 'full', atLeast }
}

/** What the context asks for. @throws malformed_consistency_token */
export function contextFreshness(keys: Keyring, { consistency }: Circumstances): Freshness {
  if (consistency === undefined) return anything
  if (consistency === 'full') return present
  return { full: false, atLeast: readConsistencyToken(keys, consistency) }
}
