import { sql } from 'drizzle-orm'
import type { Actor, ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import type { Db } from '../db/database.ts'
import type { Versions } from '../http/consistency.ts'
import { publicId } from '../http/ids.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { changeAsMember, type Place, readAsMember, requirePermission } from './change.ts'
import type { Details } from './founding.ts'
import { findOrganization, lockOrganization, type Organization, requireId } from './organizations.ts'
import type { Plan } from './tables.ts'

export async function getOrganization(
  { db }: Parts,
  actor: ActorOf<'account'>,
  place: Place,
  atLeast: Versions | undefined
): Promise<Organization> {
  const acting = await readAsMember(db, actor, place, atLeast)
  requirePermission(acting, `${place.face.kind}.read`)
  return acting.organization
}

export type OrganizationChanges = { [Field in keyof Details]?: Details[Field] | undefined } & { requireSecondFactor?: boolean | undefined }

/** Changes the given details and no other, from the version that the caller has seen. @throws stale_version */
export async function updateOrganization(
  db: Db,
  actor: ActorOf<'account'>,
  input: Place & { revision: number; changes: OrganizationChanges }
): Promise<Organization> {
  return changeAsMember(db, actor, input, async (tx, acting) => {
    const { organization, self } = acting
    requirePermission(acting, `${organization.kind}.update`)
    if (organization.revision !== input.revision) throw refuse('stale_version')
    const given = Object.entries(input.changes).filter(
      ([name, value]) => value !== undefined && JSON.stringify(value) !== JSON.stringify(organization[name as keyof Organization])
    )
    if (given.length === 0) return organization
    // S-7: who requires a second factor of all has one.
    if (input.changes.requireSecondFactor && !self.secondFactor) throw refuse('totp_not_enabled')
    const next = { ...organization, ...Object.fromEntries(given) } as Organization
    await tx.execute(sql`
      update organizations set name = ${next.name}, website = ${next.website}, country_code = ${next.countryCode}, logo_url = ${next.logoUrl},
        legal_name = ${next.legalName}, size = ${next.size}, vat_number = ${next.vatNumber}, time_zone = ${next.timeZone}, tagline = ${next.tagline},
        description = ${next.description}, skills = ${next.skills ? sql.param(next.skills) : null}::text[],
        require_second_factor = ${next.requireSecondFactor}, revision = revision + 1
      where id = ${organization.id}`)
    const fields = given.map(([name]) => name)
    const security = fields.includes('requireSecondFactor')
    await record(tx, {
      actor,
      chain: { kind: 'organization', id: organization.id },
      action: `${organization.kind}.updated`,
      resource: publicId(organization.kind, organization.id),
      detail: {
        fields,
        before: security ? { requireSecondFactor: organization.requireSecondFactor } : {},
        after: security ? { requireSecondFactor: next.requireSecondFactor } : {}
      },
      personal: {
        before: Object.fromEntries(fields.map((name) => [name, organization[name as keyof Organization]])),
        after: Object.fromEntries(given)
      },
      event: { before: { name: organization.name }, after: { name: next.name, fields } }
    })
    return findOrganization(tx, organization.kind, organization.id)
  })
}

/** Sets the plan, for the service that sells them. A downgrade takes nothing away; only new ones are refused (C-9). */
export async function setPlan(db: Db, actor: Actor, { face, organizationId, plan }: Place & { plan: Plan }): Promise<Organization> {
  const id = requireId(face.idKind, organizationId)
  return db.transaction(async (tx) => {
    const before = await lockOrganization(tx, face.kind, id)
    if (before.plan === plan) return before
    await tx.execute(sql`update organizations set plan = ${plan}, revision = revision + 1 where id = ${id}`)
    const change = { before: { plan: before.plan }, after: { plan } }
    await record(tx, {
      actor,
      chain: { kind: 'organization', id },
      action: `${face.kind}.plan_changed`,
      resource: publicId(face.idKind, id),
      detail: change,
      event: change
    })
    return findOrganization(tx, face.kind, id)
  })
}
