import type { Decision, Grant, Resource } from './resources.ts'
import type { components } from './schema.ts'

export type PermissionMap = components['schemas']['PermissionMap']
/** What one person may do in one organization, or null where they are no member. */
export type Held = PermissionMap['organizations'][number] | null

/** Whether a team is known to lie in an organization, by a map of anybody: not by what somebody says. */
export type Lies = (team: string, organization: string) => boolean

/**
 * What a map allows. Only that: why something is denied depends on more than a map shows, and a team that nobody's map has shown may lie
 * anywhere, so both are left to the service.
 */
export function allowedBy(held: Held, action: string, resource: Resource, lies: Lies): Decision | undefined {
  if (!held) return undefined
  const found = grantsOf(held, action, resource, lies)
  return found && { allowed: true, reason: 'granted', grants: found, missing: [], cached: true }
}

function grantsOf(held: NonNullable<Held>, action: string, resource: Resource, lies: Lies): Grant[] | undefined {
  const sources = (list: NonNullable<Held>['organization']) => list.find(({ key }) => key === action)?.sources
  if (resource.type === held.kind && resource.id === held.id) return sources(held.organization)
  if (resource.type !== 'team' || !lies(resource.id, held.id)) return undefined
  // What holds in the whole organization holds in each of its teams, also in those that the person is not in.
  const team = held.teams.find(({ id }) => id === resource.id)
  return (team && sources(team.permissions)) ?? sources(held.organization)
}

/** Whether a map is about this resource, so that what was decided about it stands and falls with the map. */
export const covers = (organization: string, resource: Resource, lies: Lies): boolean =>
  resource.type === 'team' ? lies(resource.id, organization) : resource.id === organization

/** Decisions of one person in one place, by what was asked. */
export const memoKey = (action: string, resource: Resource): string => `${action} ${resource.type} ${resource.id}`

/** Every account, company and agency that an event names anywhere: as its subject, its organization, whoever did it, and in its data. */
export const namedIn = (event: unknown): Set<string> =>
  new Set(JSON.stringify(event).match(/\b(?:account|company|agency)_[0-9a-hjkmnp-tv-z]{26}\b/g) ?? [])
