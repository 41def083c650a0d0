import { sql } from 'drizzle-orm'
import { lockAccount } from '../accounts/accounts.ts'
import type { ActorOf } from '../actor.ts'
import type { Db, Tx } from '../db/database.ts'
import { refuse } from '../problems.ts'
import { type Changes, difference, lockProfile, note, ownChain, type ProfileView, type Specialisation, viewProfile } from './profiles.ts'

const places = [1, 2]

/** A specialised profile is part of the whole one: its changes are versions of that. */
async function changed(
  tx: Tx,
  actor: ActorOf<'account'>,
  before: ProfileView,
  action: string,
  detail: Record<string, unknown>,
  personal?: Record<string, unknown>
): Promise<ProfileView> {
  const { accountId } = actor
  await tx.execute(sql`update freelancer_profiles set revision = revision + 1 where account_id = ${accountId}`)
  const after = await viewProfile(tx, accountId)
  await note(tx, accountId, { actor, chain: ownChain(actor), action, before, after, detail, ...(personal ? { personal } : {}) })
  return after
}

/** The whole profile, locked, with the one at this place. @throws not_found */
async function lockPlace(tx: Tx, accountId: string, place: number) {
  await lockAccount(tx, accountId)
  const profile = await lockProfile(tx, accountId)
  const special = profile.specialised.find((one) => one.place === place)
  if (!special) throw refuse('not_found')
  return { profile, special }
}

/** Adds a specialised profile at the first free place; there are two (P-4). @throws not_found without a profile, profile_limit */
export async function addSpecialisedProfile(db: Db, actor: ActorOf<'account'>, content: Specialisation): Promise<ProfileView> {
  const { accountId } = actor
  return db.transaction(async (tx) => {
    await lockAccount(tx, accountId)
    const before = await lockProfile(tx, accountId)
    const place = places.find((place) => before.specialised.every((one) => one.place !== place))
    if (!place) throw refuse('profile_limit')
    const { title, overview, hourlyRate, skills } = content
    await tx.execute(sql`
      insert into specialised_profiles (account_id, place, title, overview, rate_amount, rate_currency, skills)
      values (${accountId}, ${place}, ${title}, ${overview}, ${hourlyRate?.amount ?? null}, ${hourlyRate?.currency ?? null}, ${sql.param(skills)}::text[])`)
    return changed(tx, actor, before, 'specialised_profile.added', { place }, { after: content })
  })
}

/** Changes the specialised profile at a place, from the version of the whole profile that was seen. @throws not_found, stale_version */
export async function updateSpecialisedProfile(
  db: Db,
  actor: ActorOf<'account'>,
  place: number,
  revision: number,
  changes: Changes<Specialisation>
): Promise<ProfileView> {
  const { accountId } = actor
  return db.transaction(async (tx) => {
    const { profile, special } = await lockPlace(tx, accountId, place)
    if (profile.revision !== revision) throw refuse('stale_version')
    const change = difference<Specialisation>(special, changes)
    if (!change) return profile
    const { title, overview, hourlyRate, skills } = change.merged
    await tx.execute(sql`
      update specialised_profiles set title = ${title}, overview = ${overview}, rate_amount = ${hourlyRate?.amount ?? null},
        rate_currency = ${hourlyRate?.currency ?? null}, skills = ${sql.param(skills)}::text[]
      where account_id = ${accountId} and place = ${place}`)
    const { fields, personal } = change
    return changed(tx, actor, profile, 'specialised_profile.updated', { place, fields }, personal)
  })
}

/** Removes the specialised profile at a place; another can take it. @throws not_found */
export async function removeSpecialisedProfile(db: Db, actor: ActorOf<'account'>, place: number): Promise<void> {
  await db.transaction(async (tx) => {
    const { profile, special } = await lockPlace(tx, actor.accountId, place)
    await tx.execute(sql`delete from specialised_profiles where account_id = ${actor.accountId} and place = ${place}`)
    await changed(tx, actor, profile, 'specialised_profile.removed', { place }, { before: special })
  })
}
