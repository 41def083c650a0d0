import { z } from 'zod'
import { blockerSchema } from '../http/blockers.ts'
import { publicId } from '../http/ids.ts'
import { pathId } from '../http/path-ids.ts'
import { line } from '../http/text.ts'
import { permissionKeys } from '../permissions/catalogue.ts'
import { customizablePermissions } from '../permissions/roles.ts'
import type { Place } from './change.ts'
import type { RoleView } from './custom-roles.ts'
import { memberExample } from './examples.ts'
import { publicGrant } from './grants.ts'
import type { Member } from './members.ts'
import type { Face } from './organizations.ts'
import type { Transfer } from './ownership.ts'
import { affiliations, membershipSources } from './tables.ts'
import type { Team } from './teams.ts'

/** Parameters of a path below an organization: the place, and what else the path names. */
export const placeParams = <Names extends string = never>(face: Face, ...names: Names[]) => {
  const own = `${face.kind}Id`
  const shape = {
    [own]: pathId(face.kind),
    ...Object.fromEntries(names.map((name) => [name, name === 'key' ? pathId(name, 'Key of the role.') : pathId(name.replace(/Id$/, ''))]))
  }
  return z
    .strictObject(shape)
    .transform(({ [own]: organizationId, ...rest }) => ({ ...rest, face, organizationId })) as unknown as z.ZodType<
    Place & Record<Names, string>,
    Record<string, string>
  >
}

export const teamSchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    default: z.boolean(),
    hidden: z.boolean(),
    memberCount: z.int(),
    createdAt: z.iso.datetime({ precision: 3 })
  })
  .meta({ id: 'Team' })
export const teamInput = z.strictObject({ name: line(1, 100) }).meta({ id: 'TeamInput' })
export const teamChanges = z.strictObject({ name: line(1, 100).optional(), hidden: z.boolean().optional() }).meta({ id: 'TeamChanges' })

export const presentTeam = ({ id, name, isDefault, hidden, memberCount, createdAt }: Team): z.output<typeof teamSchema> => ({
  id: publicId('team', id),
  name,
  default: isDefault,
  hidden,
  memberCount,
  createdAt
})

const roleKey = z
  .string()
  .regex(/^[a-z][a-z0-9_]{1,39}$/, 'must be 2 to 40 of a-z, 0-9 and _, beginning with a letter')
  .meta({ description: 'Key of a role.' })

export const grantInput = z
  .strictObject({
    role: roleKey,
    teamId: z.string().max(100).optional().meta({ description: 'Without it the grant is for the whole organization.' })
  })
  .meta({ id: 'Grant' })
export const rolesInput = z.strictObject({ grants: z.array(grantInput).max(100) }).meta({ id: 'MemberRoles' })

export const shownGrant = z.strictObject({ role: z.string(), teamId: z.string().optional() }).meta({ id: 'GrantedRole' })

export const memberSchema = z
  .strictObject({
    id: z.string(),
    accountId: z.string(),
    firstName: z.string(),
    lastName: z.string(),
    email: z.string(),
    status: z.enum(['active', 'suspended']),
    owner: z.boolean(),
    source: z.enum(membershipSources),
    affiliation: z.enum(affiliations).nullable().meta({ description: 'In agencies only.' }),
    grants: z.array(shownGrant),
    teams: z.array(z.strictObject({ id: z.string(), name: z.string() })),
    endsWhenClear: z.enum(['left', 'removed']).nullable().meta({ description: 'The membership ends like this once nothing blocks it.' }),
    joinedAt: z.iso.datetime({ precision: 3 })
  })
  .meta({ id: 'Member' })

export const presentMember = (member: Member): z.output<typeof memberSchema> => ({
  id: publicId('member', member.id),
  accountId: publicId('account', member.accountId),
  firstName: member.firstName,
  lastName: member.lastName,
  email: member.email,
  status: member.membershipStatus,
  owner: member.owner,
  source: member.source,
  affiliation: member.affiliation,
  grants: member.grants.map(publicGrant),
  teams: member.teams.map(({ id, name }) => ({ id: publicId('team', id), name })),
  endsWhenClear: member.endsWhenClear,
  joinedAt: member.joinedAt
})

/** The reply that is one member. */
export const memberReply = {
  description: 'The member.',
  schema: memberSchema,
  example: memberExample,
  headers: { ETag: 'Version of the member.' }
}
export const shownMember = (member: Member) => ({ status: 200, version: member.revision, body: presentMember(member) })

export const roleSchema = z
  .strictObject({
    key: z.string(),
    name: z.string(),
    description: z.string(),
    builtIn: z.boolean(),
    grantable: z.boolean().meta({ description: 'False for the owner: ownership is transferred.' }),
    teams: z.boolean().meta({ description: 'Whether it can be granted for one team.' }),
    permissions: z.array(z.string())
  })
  .meta({ id: 'Role' })
const customPermissions = z
  .array(z.enum(customizablePermissions as [string, ...string[]]))
  .max(permissionKeys.length)
  .refine((keys) => new Set(keys).size === keys.length, 'must not repeat a permission')
const roleFields = { name: line(1, 60), description: line(1, 300), permissions: customPermissions }
export const roleInput = z.strictObject({ key: roleKey, ...roleFields }).meta({ id: 'RoleInput' })
export const roleChanges = z.strictObject(roleFields).partial().meta({ id: 'RoleChanges' })
export const presentRole = ({ revision: _, permissions, ...role }: RoleView): z.output<typeof roleSchema> => ({
  ...role,
  permissions: [...permissions].sort()
})

export const transferSchema = z
  .strictObject({
    id: z.string(),
    status: z.enum(['offered', 'accepted', 'declined', 'cancelled', 'expired']),
    fromAccountId: z.string(),
    toAccountId: z.string(),
    toMemberId: z.string().nullable(),
    createdAt: z.iso.datetime({ precision: 3 }),
    expiresAt: z.iso.datetime({ precision: 3 })
  })
  .meta({ id: 'OwnershipTransfer' })
export const presentTransfer = (transfer: Transfer): z.output<typeof transferSchema> => ({
  ...transfer,
  id: publicId('transfer', transfer.id),
  fromAccountId: publicId('account', transfer.fromAccountId),
  toAccountId: publicId('account', transfer.toAccountId),
  toMemberId: transfer.toMemberId && publicId('member', transfer.toMemberId)
})

export const reason = line(1, 1000).meta({ description: 'Kept with the audit.' })
export const memberIdInput = z.string().min(1).max(100).meta({ description: 'TypeID of a member.' })
/** The body of a call that needs to be told nothing. */
export const emptyBody = z.strictObject({}).meta({ id: 'EmptyBody' })
export const flagQuery = z.enum(['true', 'false'])

/** What a dry run answers: what stands in the way; nothing was changed. */
export const dryRunOf = <Shape extends z.ZodRawShape>(id: string, shape: Shape) =>
  z.strictObject({ dryRun: z.literal(true), blockers: z.array(blockerSchema), ...shape }).meta({ id })

const effectsSchema = z
  .strictObject({
    teams: z.array(z.strictObject({ id: z.string(), name: z.string() })),
    grants: z.array(shownGrant),
    contracts: z.array(z.string()).meta({ description: 'Contracts that get another contact with it.' })
  })
  .meta({ id: 'RemovalEffects' })
export const removalSchema = z
  .strictObject({
    outcome: z.enum(['preview', 'scheduled']),
    blockers: z.array(blockerSchema).meta({ description: 'What stands in the way; the same list as in the refusal (K-8).' }),
    effects: effectsSchema
  })
  .meta({ id: 'Removal' })
