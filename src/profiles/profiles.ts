import { isDeepStrictEqual } from 'node:util'
import { type SQL, sql } from 'drizzle-orm'
import { lockAccount } from '../accounts/accounts.ts'
import type { Actor, ActorOf } from '../actor.ts'
import { type Change, record } from '../audit/record.ts'
import { type Db, rows, type Tx } from '../db/database.ts'
import { statement } from '../db/pipeline.ts'
import { type Blocker, refuseIfBlocked } from '../http/blockers.ts'
import { publicId } from '../http/ids.ts'
import { refuse } from '../problems.ts'
import type { visibilities } from './tables.ts'

/** In the smallest unit of the currency. */
export interface Rate {
  amount: number
  currency: string
}

export interface Specialisation {
  title: string
  overview: string
  hourlyRate: Rate | null
  skills: string[]
}

export interface ProfileContent extends Specialisation {
  visibility: (typeof visibilities)[number]
}

export interface ProfileView extends ProfileContent {
  accountId: string
  status: 'active' | 'closed'
  specialised: Array<Specialisation & { place: number }>
  createdAt: string
  revision: number
}

/** Fields to change; what is absent stays. */
export type Changes<Content> = { [Field in keyof Content]?: Content[Field] | undefined }

interface ProfileRow extends Omit<ProfileView, 'specialised' | 'createdAt' | 'hourlyRate'> {
  createdAt: number
  amount: number | null
  currency: string
  place: number | null
  specialTitle: string
  specialOverview: string
  specialAmount: number | null
  specialCurrency: string
  specialSkills: string[]
}

// Amounts are far below the integers that a double holds exactly.
const view = (accountId: string): SQL => sql`
  select p.account_id as "accountId", p.status, p.title, p.overview, p.rate_amount::float8 as amount, p.rate_currency as currency, p.visibility, p.skills,
    p.revision, (extract(epoch from p.created_at) * 1000)::float8 as "createdAt", s.place, s.title as "specialTitle", s.overview as "specialOverview",
    s.rate_amount::float8 as "specialAmount", s.rate_currency as "specialCurrency", s.skills as "specialSkills"
  from freelancer_profiles p left join specialised_profiles s on s.account_id = p.account_id
  where p.account_id = ${accountId} and p.status = 'active' order by s.place`

const rate = (amount: number | null, currency: string): Rate | null => (amount === null ? null : { amount, currency })

/** The profile out of its rows: one for each specialised profile. @throws not_found */
function assemble(found: ProfileRow[]): ProfileView {
  const [first] = found
  if (!first) throw refuse('not_found')
  const { accountId, status, title, overview, amount, currency, visibility, skills, revision, createdAt } = first
  const specialised = found.flatMap((row) => {
    const hourlyRate = rate(row.specialAmount, row.specialCurrency)
    const { place, specialTitle, specialOverview, specialSkills } = row
    return place === null ? [] : [{ place, title: specialTitle, overview: specialOverview, hourlyRate, skills: specialSkills }]
  })
  const hourlyRate = rate(amount, currency)
  const at = new Date(createdAt).toISOString()
  return { accountId, status, title, overview, hourlyRate, visibility, skills, specialised, createdAt: at, revision }
}

const viewStatement = statement('profile_view', view(''))

/** The open profile of an account. @throws not_found */
export async function getFreelancerProfile(db: Db, accountId: string): Promise<ProfileView> {
  return assemble(await db.pipeline.run<ProfileRow>(viewStatement, [accountId]))
}

/** The same inside a transaction, with what it has changed so far. */
export async function viewProfile(tx: Tx, accountId: string): Promise<ProfileView> {
  return assemble(await rows<ProfileRow>(tx, view(accountId)))
}

/**
 * The open profile, locked. Beside the account's lock it needs its own: the database looks at it under a share lock when somebody becomes
 * freelancer in an agency (G-1), which locks the agency and not this account. @throws not_found
 */
export async function lockProfile(tx: Tx, accountId: string): Promise<ProfileView> {
  return assemble(await rows<ProfileRow>(tx, sql`${view(accountId)} for no key update of p`))
}

interface Note {
  actor: Actor
  chain: Change['chain']
  action: string
  before?: ProfileView
  after?: ProfileView
  /** What was written, and which fields of it are new. */
  detail?: Record<string, unknown>
  personal?: Record<string, unknown>
}

const state = (profile: ProfileView | undefined) =>
  profile && { status: profile.status, visibility: profile.visibility, revision: profile.revision }

/** Writes a change of a profile into the history, with its state before and after for other services. */
export async function note(tx: Tx, accountId: string, { actor, chain, action, before, after, detail = {}, personal }: Note): Promise<void> {
  const event = { ...(before ? { before: state(before)! } : {}), after: { ...state(after), ...detail } }
  const resource = publicId('account', accountId)
  await record(tx, { actor, chain, action, resource, detail, ...(personal ? { personal } : {}), event })
}

export const ownChain = (actor: ActorOf<'account'>) => ({ kind: 'account', id: actor.accountId }) as const

/**
 * Gives an account its freelancer profile (P-4). One that was closed is opened again with what is given; its specialised profiles are as they
 * were. @throws profile_limit when one is open
 */
export async function createFreelancerProfile(db: Db, actor: ActorOf<'account'>, content: ProfileContent): Promise<ProfileView> {
  return db.transaction(async (tx) => {
    await lockAccount(tx, actor.accountId)
    return openProfile(tx, actor, content)
  })
}

/** The same with the account locked. @throws profile_limit */
export async function openProfile(tx: Tx, actor: ActorOf<'account'>, content: ProfileContent): Promise<ProfileView> {
  const { accountId } = actor
  const { title, overview, hourlyRate, visibility, skills } = content
  const made = await rows(
    tx,
    sql`insert into freelancer_profiles as p (account_id, title, overview, rate_amount, rate_currency, visibility, skills)
      values (${accountId}, ${title}, ${overview}, ${hourlyRate?.amount ?? null}, ${hourlyRate?.currency ?? null}, ${visibility}, ${sql.param(skills)}::text[])
      on conflict (account_id) do update set status = 'active', closed_at = null, title = excluded.title, overview = excluded.overview,
        rate_amount = excluded.rate_amount, rate_currency = excluded.rate_currency, visibility = excluded.visibility, skills = excluded.skills,
        revision = p.revision + 1
      where p.status = 'closed' returning account_id`
  )
  if (made.length === 0) throw refuse('profile_limit')
  const after = await viewProfile(tx, accountId)
  const action = after.revision === 1 ? 'freelancer_profile.created' : 'freelancer_profile.reopened'
  await note(tx, accountId, { actor, chain: ownChain(actor), action, after, personal: { after: content } })
  return after
}

/** What a change really changes, with the values before and after; undefined when all is as it was. */
export function difference<Content extends object>(before: Content, changes: Changes<Content>) {
  const given = Object.entries(changes).filter(
    ([name, value]) => value !== undefined && !isDeepStrictEqual(value, before[name as keyof Content])
  )
  if (given.length === 0) return undefined
  const fields = given.map(([name]) => name)
  const after = Object.fromEntries(given)
  const personal = { before: Object.fromEntries(fields.map((name) => [name, before[name as keyof Content]])), after }
  return { fields, personal, merged: { ...before, ...after } as Content }
}

/**
 * Changes fields of an open profile, for its person or for who manages it. The account is locked by the caller, before any organization; `chain`
 * is the history that it belongs to. Without a revision it changes whatever is there. @throws not_found, stale_version
 */
export async function updateProfile(
  tx: Tx,
  actor: Actor,
  accountId: string,
  revision: number | undefined,
  changes: Changes<ProfileContent>,
  chain: Change['chain']
): Promise<ProfileView> {
  const before = await lockProfile(tx, accountId)
  if (revision !== undefined && before.revision !== revision) throw refuse('stale_version')
  const change = difference<ProfileContent>(before, changes)
  if (!change) return before
  const { title, overview, hourlyRate, visibility, skills } = change.merged
  await tx.execute(sql`
    update freelancer_profiles set title = ${title}, overview = ${overview}, rate_amount = ${hourlyRate?.amount ?? null},
      rate_currency = ${hourlyRate?.currency ?? null}, visibility = ${visibility}, skills = ${sql.param(skills)}::text[], revision = revision + 1
    where account_id = ${accountId}`)
  const after = await viewProfile(tx, accountId)
  const { fields, personal } = change
  await note(tx, accountId, { actor, chain, action: 'freelancer_profile.updated', before, after, detail: { fields }, personal })
  return after
}

/** Changes the own profile, from the version that was seen. @throws not_found, stale_version */
export async function updateFreelancerProfile(
  db: Db,
  actor: ActorOf<'account'>,
  revision: number,
  changes: Changes<ProfileContent>
): Promise<ProfileView> {
  return db.transaction(async (tx) => {
    await lockAccount(tx, actor.accountId)
    return updateProfile(tx, actor, actor.accountId, revision, changes, ownChain(actor))
  })
}

/**
 * Closes the own profile, and nothing else of the account (P-15); its data stay. A dry run answers what would be in the way.
 * @throws not_found, closure_blocked
 */
export async function closeFreelancerProfile(db: Db, actor: ActorOf<'account'>, dryRun: boolean): Promise<Blocker[]> {
  const { accountId } = actor
  return db.transaction(async (tx) => {
    await lockAccount(tx, accountId)
    const before = await lockProfile(tx, accountId)
    const blockers = await profileClosureBlockers(tx, accountId)
    if (dryRun) return blockers
    refuseIfBlocked(blockers, 'closure_blocked')
    await closeLockedProfile(tx, actor, before)
    return []
  })
}

/** Closes an open profile; the caller holds its lock and has held the guards. */
export async function closeLockedProfile(tx: Tx, actor: Actor, before: ProfileView): Promise<void> {
  const { accountId } = before
  await tx.execute(sql`
    update freelancer_profiles set status = 'closed', closed_at = now(), revision = revision + 1 where account_id = ${accountId}`)
  const after = { ...before, status: 'closed', revision: before.revision + 1 } as const
  await note(tx, accountId, { actor, chain: { kind: 'account', id: accountId }, action: 'freelancer_profile.closed', before, after })
}

/** All that needs the profile to stay open: work as a freelancer, and agencies that the account owns or is freelancer in (P-15, G-1). */
export async function profileClosureBlockers(tx: Tx, accountId: string): Promise<Blocker[]> {
  const agencies = await rows<{ id: string; name: string; membershipId: string; owned: boolean }>(
    tx,
    sql`select o.id, o.name, m.id as "membershipId", o.owner_account_id = m.account_id as owned
      from memberships m join organizations o on o.id = m.organization_id
      where m.account_id = ${accountId} and o.kind = 'agency' and o.status <> 'closed' and (o.owner_account_id = m.account_id
        or exists (select from role_grants g where g.membership_id = m.id and g.role = 'freelancer')) order by o.id`
  )
  return [
    ...(await freelanceBlockers(tx, accountId)),
    ...agencies.map(({ id, name, membershipId, owned }): Blocker => {
      const agency = publicId('agency', id)
      const member = publicId('member', membershipId)
      const code = 'freelancer_profile_required'
      // Closing an agency ends its owner's own part in it as well.
      return owned
        ? { code, resource: agency, label: name, resolve: { method: 'POST', href: `/v1/agencies/${agency}/closure` } }
        : { code, resource: member, label: name, resolve: { method: 'DELETE', href: `/v1/agencies/${agency}/members/${member}` } }
    })
  ]
}

/** Active contracts and open or archived proposals of a freelancer, of their own and through any agency. */
export async function freelanceBlockers(tx: Tx, accountId: string): Promise<Blocker[]> {
  const work = await rows<{ kind: 'contract' | 'proposal'; id: string; status: string; throughAgency: boolean }>(
    tx,
    sql`select 'contract' as kind, id, status, agency_id is not null as "throughAgency" from contracts
        where freelancer_account_id = ${accountId} and status = 'active'
      union all select 'proposal', id, status, agency_id is not null from proposals
        where account_id = ${accountId} and status in ('open', 'archived') order by kind, id`
  )
  return work.map(
    ({ kind, id, status, throughAgency }): Blocker => ({
      code: throughAgency ? 'active_agency_work' : 'independent_work_active',
      resource: id,
      label: `${kind === 'contract' ? 'Contract' : 'Proposal'} ${id} (${status})`,
      resolve: { service: `${kind}s` }
    })
  )
}
