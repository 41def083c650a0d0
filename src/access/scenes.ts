import type { Versions } from '../http/consistency.ts'
import type { Agency, Place, Question, Scene } from '../permissions/answer.ts'
import type { AccountFacts, MemberFacts, OrganizationFacts } from '../permissions/decide.ts'
import type { PersonFacts } from '../permissions/own-capacity.ts'
import type { Row } from './facts-statement.ts'

/** A scene as it was read, with the versions of all that is seen in it by whom it belongs to. */
export interface ReadScene extends Scene {
  versions: Versions
}

/** What the rows of a question show. */
export function sceneOf({ accountId }: Pick<Question, 'accountId'>, rows: readonly Row[]): ReadScene {
  const own = rows.find((row) => row.accountId !== null && row.accountId === accountId)
  const place = rows.find(({ part }) => part === 'place')
  return {
    person: own && personOf(own),
    place: place?.accountId ? placeOf(place) : undefined,
    agencies: agenciesOf(rows),
    ownSide: rows.some(({ ownSide }) => ownSide),
    versions: versionsOf(rows)
  }
}

const placeOf = (row: Row): Place => ({
  organization: organizationOf(row),
  teamId: row.teamId,
  person: memberOf(row) ?? personOf(row),
  teamIds: row.teamIds
})

/** Both sides of each agency; a manager who is no member of it is there as a bare account. */
function agenciesOf(rows: readonly Row[]): Agency[] {
  const members = rows.filter(({ part, accountId }) => part === 'member' && accountId)
  return rows.flatMap((row) => {
    if (row.part !== 'manager' || !row.accountId) return []
    const member = members.find(({ organizationId }) => organizationId === row.organizationId)
    const facts = member && memberOf(member)
    const represented = facts && { ...facts, freelancer: member.freelancer, teamIds: member.teamIds }
    return [{ organization: organizationOf(row), manager: memberOf(row) ?? personOf(row), member: represented }]
  })
}

const personOf = ({ accountId, accountStatus, enforcement, secondFactor, freelancer, exclusive }: Row): PersonFacts => ({
  accountId,
  accountStatus,
  enforcement,
  secondFactor,
  freelancer,
  exclusive
})

const organizationOf = (row: Row): OrganizationFacts => ({
  id: row.organizationId!,
  kind: row.kind,
  status: row.organizationStatus,
  enforcement: row.organizationEnforcement,
  requireSecondFactor: row.requireSecondFactor
})

function memberOf(row: Row): (AccountFacts & MemberFacts) | undefined {
  const { accountId, accountStatus, enforcement, secondFactor, membershipStatus, affiliation, owner, grants } = row
  if (!membershipStatus) return undefined
  const held = grants.map(({ permissions, ...grant }) => (permissions ? { ...grant, permissions } : grant))
  return { accountId, accountStatus, enforcement, secondFactor, membershipStatus, affiliation, owner, grants: held }
}

/** An organization's only where one of them is a member: to others, that it has a version tells that it exists. */
function versionsOf(rows: readonly Row[]): Versions {
  const versions: Versions = new Map()
  for (const { accountId, accountVersion, organizationId, organizationVersion, membershipStatus } of rows) {
    if (accountId) versions.set(`account:${accountId}`, accountVersion)
    if (membershipStatus) versions.set(`organization:${organizationId}`, organizationVersion)
  }
  return versions
}
