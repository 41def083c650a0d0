import { z } from 'zod'
import { accountSchema, emailInput, locale, passwordInput, residence } from '../accounts/schemas.ts'
import type { Config } from '../config.ts'
import { publicId } from '../http/ids.ts'
import { paragraphs, personName } from '../http/text.ts'
import { grantsOf, publicGrant } from '../organizations/grants.ts'
import { grantInput, shownGrant } from '../organizations/schemas.ts'
import { type OrganizationKind, organizationKinds } from '../organizations/tables.ts'
import { baseRole } from '../permissions/roles.ts'
import { profileInput } from '../profiles/schemas.ts'
import { tokensSchema } from '../sessions/schemas.ts'
import { type Delivery, deliveryOf } from './delivery.ts'
import type { Invitation } from './invitations.ts'
import type { Shown } from './invitee.ts'
import { type Invited, isInvited, type Outcome } from './inviting.ts'
import type { Wanted } from './judging.ts'

const message = paragraphs(1, 500).meta({ description: 'Shown in the mail as text of the inviter. Nothing in it becomes a link.' })
const days = z.int().min(1).max(30).meta({ description: 'Days until it ends.' })
const affiliation = z
  .enum(['non_exclusive', 'exclusive'])
  .meta({ description: 'In agencies: how the person will work through it. `exclusive` needs `affiliation.propose`.' })

export interface InvitationInput {
  email: string
  grants?: Array<{ role: string; teamId?: string | undefined }> | undefined
  message?: string | undefined
  expiresInDays?: number | undefined
  locale?: string | undefined
  affiliation?: 'non_exclusive' | 'exclusive' | undefined
}

const input = (kind: OrganizationKind) =>
  z.strictObject({
    email: emailInput,
    grants: z
      .array(grantInput)
      .max(50)
      .optional()
      .meta({
        description: `Roles; a grant without \`teamId\` is for the whole ${kind}. None: \`${baseRole[kind]}\` in the default team (N-2).`
      }),
    message: message.optional(),
    expiresInDays: days.optional(),
    locale: locale.optional().meta({ description: "Language of the mail. The inviter's own unless given." })
  })

/** An invitation as it is asked for; companies know no affiliation. */
export const invitationInput: Record<OrganizationKind, z.ZodType<InvitationInput>> = {
  company: input('company').meta({ id: 'InvitationInput' }),
  agency: input('agency').extend({ affiliation: affiliation.optional() }).meta({ id: 'AgencyInvitationInput' })
}

/** @throws unknown_team for an id that is none */
export const wantedOf = ({ grants, ...rest }: InvitationInput): Wanted => ({ ...rest, grants: grantsOf(grants ?? []) })

export interface InvitationChanges {
  grants?: Array<{ role: string; teamId?: string | undefined }> | undefined
  message?: string | null | undefined
  affiliation?: 'non_exclusive' | 'exclusive' | undefined
}

const changes = z.strictObject({ grants: z.array(grantInput).max(50).optional(), message: message.nullable().optional() })
export const invitationChanges: Record<OrganizationKind, z.ZodType<InvitationChanges>> = {
  company: changes.meta({ id: 'InvitationChanges' }),
  agency: changes.extend({ affiliation: affiliation.optional() }).meta({ id: 'AgencyInvitationChanges' })
}

export const resendInput = z.strictObject({ expiresInDays: days.optional() }).meta({ id: 'InvitationResend' })

const deliveries: [Delivery, ...Delivery[]] = ['queued', 'sent', 'undelivered']
const invitationStatuses = ['pending', 'expired', 'accepted', 'declined', 'revoked', 'superseded'] as const
export const statusQuery = z.enum(invitationStatuses)
const moment = z.iso.datetime({ precision: 3 })

export const invitationSchema = z
  .strictObject({
    id: z.string(),
    email: z.string(),
    status: z.enum(invitationStatuses).meta({ description: '`expired`: pending past its time; it can be sent again.' }),
    grants: z.array(shownGrant),
    message: z.string().nullable(),
    locale: z.string(),
    affiliation: affiliation.nullable(),
    inviter: z.strictObject({ accountId: z.string(), name: z.string() }),
    delivery: z.enum(deliveries).nullable().meta({
      description: 'What became of the last mail: on its way, taken by the mail server, or given up. Null once that is forgotten.'
    }),
    resends: z.int(),
    createdAt: moment,
    sentAt: moment,
    expiresAt: moment,
    endedAt: moment.nullable(),
    acceptedBy: z.string().nullable().meta({ description: 'The account that accepted.' })
  })
  .meta({ id: 'Invitation' })
export const invitedSchema = invitationSchema
  .extend({
    link: z.string().meta({
      description: 'To be copied, shown this once. It opens the invitation, but unlike the link in the mail it proves no address.'
    })
  })
  .meta({ id: 'Invited' })

export const presentInvitation = (config: Config, invitation: Invitation): z.output<typeof invitationSchema> => ({
  id: publicId('invitation', invitation.id),
  email: invitation.email,
  status: invitation.status,
  grants: invitation.grants.map(publicGrant),
  message: invitation.message,
  locale: invitation.locale,
  affiliation: invitation.affiliation,
  inviter: { accountId: publicId('account', invitation.inviterAccountId), name: invitation.inviterName },
  delivery: deliveryOf(config, invitation),
  resends: invitation.resends,
  createdAt: invitation.createdAt,
  sentAt: invitation.sentAt,
  expiresAt: invitation.expiresAt,
  endedAt: invitation.endedAt,
  acceptedBy: invitation.acceptedByAccountId && publicId('account', invitation.acceptedByAccountId)
})

export const presentInvited = (config: Config, { invitation, link }: Invited): z.output<typeof invitedSchema> => ({
  ...presentInvitation(config, invitation),
  link
})

const rowProblem = z
  .strictObject({
    code: z.string(),
    status: z.int(),
    title: z.string(),
    detail: z.string(),
    retryAfter: z.int().optional(),
    errors: z.array(z.strictObject({ pointer: z.string(), message: z.string() })).optional(),
    missingPermissions: z.array(z.string()).optional()
  })
  .meta({ id: 'InvitationRefused' })
export const outcomesSchema = z
  .strictObject({
    invited: z.int(),
    refused: z.int(),
    items: z.array(
      z.strictObject({
        row: z.int().meta({ description: 'From 1, in the order they were sent; in CSV the header is not counted.' }),
        email: z.string(),
        outcome: z.enum(['invited', 'refused']),
        invitation: invitedSchema.optional(),
        problem: rowProblem.optional()
      })
    )
  })
  .meta({ id: 'InvitationOutcomes' })

export function presentOutcomes(config: Config, rows: ReadonlyArray<{ email: string; outcome: Outcome }>): z.output<typeof outcomesSchema> {
  const items = rows.map(({ email, outcome }, index) => {
    const row = { row: index + 1, email }
    if (isInvited(outcome)) return { ...row, outcome: 'invited' as const, invitation: presentInvited(config, outcome) }
    return { ...row, outcome: 'refused' as const, problem: rowProblemOf(outcome) }
  })
  const invited = items.filter(({ outcome }) => outcome === 'invited').length
  return { invited, refused: items.length - invited, items }
}

function rowProblemOf(problem: Extract<Outcome, Error>): z.output<typeof rowProblem> {
  const { detail, retryAfter, extensions = {} } = problem.options
  const { errors, missingPermissions } = extensions as Pick<z.output<typeof rowProblem>, 'errors' | 'missingPermissions'>
  return {
    code: problem.code,
    status: problem.status,
    title: problem.title,
    detail: detail ?? problem.help,
    ...(retryAfter === undefined ? {} : { retryAfter: Math.ceil(retryAfter) }),
    ...(errors ? { errors } : {}),
    ...(missingPermissions ? { missingPermissions } : {})
  }
}

export const mailPreviewSchema = z
  .strictObject({
    from: z.string(),
    to: z.string(),
    subject: z.string(),
    text: z.string(),
    html: z.string(),
    locale: z.string().meta({ description: 'The language that it is written in.' })
  })
  .meta({ id: 'MailPreview' })

export const shownInvitation = z
  .strictObject({
    organization: z.strictObject({ kind: z.enum(organizationKinds), name: z.string(), logoUrl: z.string().nullable() }),
    inviter: z.string().meta({ description: 'Name of whoever invites.' }),
    roles: z.array(z.strictObject({ role: z.string(), name: z.string() })),
    affiliation: affiliation.nullable(),
    expiresAt: moment
  })
  .meta({ id: 'ShownInvitation' })
export const ownInvitation = shownInvitation
  .extend({
    id: z.string(),
    email: z.string().meta({ description: 'The address of yours that was invited.' }),
    message: z.string().nullable()
  })
  .meta({ id: 'OwnInvitation' })
export const presentShown = ({ organization, inviter, roles, affiliation, expiresAt }: Shown): z.output<typeof shownInvitation> => ({
  organization,
  inviter,
  roles,
  affiliation,
  expiresAt
})

export const invitedRegistration = z
  .strictObject({
    password: passwordInput,
    firstName: personName,
    lastName: personName,
    countryCode: residence,
    intent: z.enum(['client', 'freelancer']),
    locale: locale.optional(),
    freelancerProfile: profileInput
      .optional()
      .meta({ description: 'Makes a freelancer profile as well: an agency needs it of its freelancers (G-1).' })
  })
  .meta({ id: 'InvitedRegistration' })

export const acceptedSchema = z
  .strictObject({
    organization: z.strictObject({ kind: z.enum(organizationKinds), id: z.string(), name: z.string() }),
    memberId: z.string(),
    account: accountSchema.optional().meta({ description: 'With registration data: the account that was made.' }),
    session: tokensSchema.optional().meta({ description: 'With registration data: a first sign-in.' })
  })
  .meta({ id: 'InvitationAccepted' })
