import { sql } from 'drizzle-orm'
import { type Db, rows, type Tx } from '../db/database.ts'
import { statement } from '../db/pipeline.ts'
import { touch } from '../http/consistency.ts'
import { type IdKind, parseId } from '../http/ids.ts'
import type { Enforcement } from '../permissions/decide.ts'
import { refuse } from '../problems.ts'
import type { OrganizationKind, organizationStatuses, Plan } from './tables.ts'

/** Which of the two faces of an organization a route shows. */
export interface Face {
  kind: OrganizationKind
  /** In paths: `/v1/companies/…`. */
  path: 'companies' | 'agencies'
  idKind: IdKind & OrganizationKind
  /** In names of operations: `updateCompany`. */
  Name: 'Company' | 'Agency'
}

export const companyFace: Face = { kind: 'company', path: 'companies', idKind: 'company', Name: 'Company' }
export const agencyFace: Face = { kind: 'agency', path: 'agencies', idKind: 'agency', Name: 'Agency' }
export const faceOf = (kind: OrganizationKind): Face => (kind === 'company' ? companyFace : agencyFace)

export interface Organization {
  id: string
  kind: OrganizationKind
  plan: Plan
  status: (typeof organizationStatuses)[number]
  ownerAccountId: string
  defaultTeamId: string
  name: string
  website: string | null
  countryCode: string | null
  logoUrl: string | null
  legalName: string | null
  size: string | null
  vatNumber: string | null
  timeZone: string | null
  tagline: string | null
  description: string | null
  skills: string[] | null
  requireSecondFactor: boolean
  enforcement: Enforcement
  createdAt: string
  revision: number
  version: number
}

const columns = sql`
  id, kind, plan, standing(organizations) as status, owner_account_id as "ownerAccountId", default_team_id as "defaultTeamId", name, website, country_code as "countryCode",
  logo_url as "logoUrl", legal_name as "legalName", size, vat_number as "vatNumber", time_zone as "timeZone", tagline, description, skills,
  require_second_factor as "requireSecondFactor", organizations.enforcement, (extract(epoch from created_at) * 1000)::float8 as "createdAt", revision,
  version::int as version`

type Row = Omit<Organization, 'createdAt'> & { createdAt: number }
const fromRow = (row: Row): Organization => ({ ...row, createdAt: new Date(row.createdAt).toISOString() })

/** The uuid behind an id in a path. @throws not_found when it is malformed or of another kind */
export function requireId(kind: IdKind, id: string): string {
  const uuid = parseId(kind, id)
  if (!uuid) throw refuse('not_found')
  return uuid
}

/**
 * Locks an organization for a change: everything that changes its members, roles, teams or contacts is serial. Raises its version in
 * the same statement. Given an account, only for a member: whoever is none waits for nobody, and holds nobody up (C-3).
 * @throws not_found when there is none of this kind, or the account is no member
 */
export async function lockOrganization(tx: Tx, kind: OrganizationKind, id: string, memberAccountId?: string): Promise<Organization> {
  const ofMember = memberAccountId
    ? sql`and exists (select from memberships m where m.organization_id = ${id} and m.account_id = ${memberAccountId})`
    : sql``
  const [row] = await rows<Row>(
    tx,
    sql`update organizations set version = version + 1 where id = ${id} and kind = ${kind} ${ofMember} returning ${columns}`
  )
  if (!row) throw refuse('not_found')
  touch(tx, 'organization', id, row.version)
  return fromRow(row)
}

/** Reads an organization outside a change. @throws not_found */
export async function findOrganization(executor: Db['query'] | Tx, kind: OrganizationKind, id: string): Promise<Organization> {
  const [row] = await rows<Row>(executor, sql`select ${columns} from organizations where id = ${id} and kind = ${kind}`)
  if (!row) throw refuse('not_found')
  return fromRow(row)
}

const organizationOfKind = statement('organization', sql`select ${columns} from organizations where id = ${''} and kind = ${''}`)

/** The same for reads, which need no connection of their own. @throws not_found */
export async function readOrganization(db: Db, kind: OrganizationKind, id: string): Promise<Organization> {
  const [row] = await db.pipeline.run<Row>(organizationOfKind, [id, kind])
  if (!row) throw refuse('not_found')
  return fromRow(row)
}

/** @throws organization_closed, organization_suspended, organization_banned */
export function requireActive({ status, enforcement }: Pick<Organization, 'status' | 'enforcement'>): void {
  if (status === 'closed') throw refuse('organization_closed')
  if (status === 'suspended') throw refuse(enforcement === 'banned' ? 'organization_banned' : 'organization_suspended')
}

/** Raises the version that is the organization's ETag. */
export async function bumpOrganization(tx: Tx, id: string): Promise<void> {
  await tx.execute(sql`update organizations set revision = revision + 1 where id = ${id}`)
}
