import { sql } from 'drizzle-orm'
import { statement } from '../db/pipeline.ts'
import type { Parts } from '../parts.ts'
import type { Question } from '../permissions/answer.ts'
import { nearestWay, rolesGiving, type Way, type WayKey, ways } from '../permissions/ways.ts'
import type { Asker } from './asking.ts'
import type { Evaluated } from './evaluate.ts'
import { findPeople } from './search.ts'

/** How a denied person could be allowed. */
export interface Explanation {
  way: WayKey | null
  description: string | null
  /** Each would be enough; the least first. */
  roles: Array<{ role: string; teamId: string | null }>
  /** The permission of whoever can help. */
  by: string | null
  /** Some who have it; told to services only. */
  people: string[] | undefined
  /** There are more than `people` names. */
  morePeople: boolean
}

const customRoles = statement(
  'access_custom_roles',
  sql`select key from custom_roles where organization_id = ${''} and ${''} = any(permissions) order by cardinality(permissions), key`
)

/** The nearest way from a denial to being allowed. Roles and people of an organization are told to services, and roles to its members. */
export async function explain(parts: Parts, asker: Asker, evaluated: Evaluated): Promise<Explanation> {
  const { question, decision } = evaluated
  const key = nearestWay(decision.reason, question.permission)
  const way: Way | undefined = key ? ways[key] : undefined
  const people = asker.kind === 'service' && way?.by ? await findPeople(parts, asker, helpersOf(evaluated, way.by)) : undefined
  return {
    way: key,
    description: way?.description ?? null,
    roles: key === 'grant_role' ? await rolesFor(parts, evaluated) : [],
    by: way?.by ?? null,
    people: asker.kind === 'service' ? (people?.results ?? []) : undefined,
    morePeople: people ? people.nextToken !== '' : false
  }
}

/** Roles that would give what is missing; whoever is told that something is missing is a member. */
async function rolesFor({ db }: Parts, { question: { permission }, scene: { place } }: Evaluated): Promise<Explanation['roles']> {
  if (!place) return []
  const { organization, teamId } = place
  const own = organization.kind === 'company' ? await db.pipeline.run<{ key: string }>(customRoles, [organization.id, permission]) : []
  return [...rolesGiving(organization.kind, permission, teamId), ...own.map(({ key }) => ({ role: key, teamId }))]
}

/** Where those who can help have to have their permission: in the team that is asked about, or for a membership in the whole. */
function helpersOf({ question, scene: { place, agencies } }: Evaluated, by: string): Question {
  const organization = place?.organization ?? agencies[0]?.organization
  const whole = { type: organization?.kind ?? question.resource.type, id: organization?.id ?? question.resource.id }
  const inTeam = place?.teamId && (by === 'member.roles.update' || by === 'offer.send')
  return { ...question, permission: by, resource: inTeam ? { type: 'team', id: place.teamId } : whole }
}
