import { z } from 'zod'
import { emailInput, locale } from '../accounts/schemas.ts'
import { publicId } from '../http/ids.ts'
import { paragraphs } from '../http/text.ts'
import type { Added } from './coworkers.ts'
import { type Conversation, mostParticipants, type Part } from './find-conversation.ts'
import { conversationLevels } from './tables.ts'
import type { View } from './taking-part.ts'

const id = z.string().min(1).max(100)
const level = z.enum(conversationLevels).meta({ description: '`full` is above `hiring_manager`, and that above `recruiter` (H-1).' })
const status = z.enum(['open', 'closed'])
const participantsRevision = z.int().min(1)

export const conversationInput = z
  .strictObject({
    version: z
      .int()
      .min(1)
      .max(Number.MAX_SAFE_INTEGER)
      .meta({ description: 'Rises with every change; what is older than known is not applied.' }),
    companyId: id,
    teamId: id.optional(),
    status,
    participantsRevision: participantsRevision.optional().meta({
      description: 'Revision of the participants that the sender has seen; those of a known conversation change only with it.'
    }),
    participants: z
      .array(
        z.strictObject({
          accountId: id,
          level: level.optional().meta({ description: 'Of coworkers: members of the company. Whoever the company talks with has none.' })
        })
      )
      .max(mostParticipants)
      .check(({ value, issues }) => {
        const ids = value.map(({ accountId }) => accountId)
        for (const [index, accountId] of ids.entries())
          if (ids.indexOf(accountId) < index)
            issues.push({ code: 'custom', input: accountId, path: [index, 'accountId'], message: 'is named twice' })
      })
  })
  .meta({ id: 'ConversationUpdate' })

const participant = z.strictObject({
  accountId: z.string(),
  memberId: z.string().nullable(),
  level: level.nullable()
})

export const conversationSchema = z
  .strictObject({
    id: z.string(),
    version: z.int(),
    companyId: z.string(),
    teamId: z.string().nullable(),
    status,
    participants: z.array(participant),
    participantsRevision
  })
  .meta({ id: 'Conversation' })

const presentPart = ({ accountId, membershipId, level }: Part): z.output<typeof participant> => ({
  accountId: publicId('account', accountId),
  memberId: membershipId && publicId('member', membershipId),
  level
})

/** For the messaging service, which knows all of it. */
export const presentConversation = (conversation: Conversation): z.output<typeof conversationSchema> => ({
  id: conversation.id,
  version: conversation.version,
  companyId: publicId('company', conversation.companyId),
  teamId: conversation.teamId && publicId('team', conversation.teamId),
  status: conversation.status,
  participants: conversation.participants.map(presentPart),
  participantsRevision: conversation.participantsRevision
})

const shownParticipant = participant
  .extend({ name: z.string().nullable().meta({ description: 'Of coworkers.' }) })
  .meta({ id: 'Participant', description: "Shown to the company's own people with all of it; to the other side with the account alone." })

export const conversationViewSchema = z
  .strictObject({
    id: z.string(),
    companyId: z.string(),
    teamId: z.string().nullable().meta({ description: "Shown to the company's own people." }),
    status,
    participants: z.array(shownParticipant),
    participantsRevision,
    pending: z
      .array(z.strictObject({ invitationId: z.string(), email: z.string(), level }))
      .meta({ description: "Coworkers who are invited and take part once they accept; shown to the company's own people." })
  })
  .meta({ id: 'ConversationView' })

const presentParticipant = (part: Part & { name: string }): z.output<typeof shownParticipant> => ({
  ...presentPart(part),
  name: part.level && part.name
})

/** Whoever the company talks with learns who takes part and nothing of the company. */
export function presentView({ conversation, inside, pending }: View): z.output<typeof conversationViewSchema> {
  const { version: _, ...shown } = presentConversation(conversation)
  if (!inside) {
    const participants = shown.participants.map(({ accountId }) => ({ accountId, memberId: null, level: null, name: null }))
    return { ...shown, teamId: null, participants, pending: [] }
  }
  return {
    ...shown,
    participants: conversation.participants.map(presentParticipant),
    pending: pending.map(({ invitationId, ...rest }) => ({ invitationId: publicId('invitation', invitationId), ...rest }))
  }
}

export const coworkerInput = z
  .strictObject({
    memberId: id.optional().meta({ description: 'A member of the company.' }),
    email: emailInput.optional().meta({ description: 'Or an address: of a member, or of somebody who is invited with it (H-2).' }),
    level: level.meta({ description: "No higher than one's own." }),
    message: paragraphs(1, 500).optional().meta({ description: 'Of the invitation, where one is made.' }),
    locale: locale.optional().meta({ description: 'Of the invitation, where one is made.' })
  })
  .refine(({ memberId, email }) => (memberId === undefined) !== (email === undefined), {
    path: ['memberId'],
    message: 'either `memberId` or `email` is needed, and only one of them'
  })
  .meta({ id: 'CoworkerInput' })

export const participantAddedSchema = z
  .strictObject({ outcome: z.enum(['added', 'changed', 'unchanged']), participant: shownParticipant })
  .meta({ id: 'ParticipantAdded' })

export const coworkerInvitedSchema = z
  .strictObject({ outcome: z.literal('invited'), invitationId: z.string() })
  .meta({ id: 'CoworkerInvited', description: 'The person takes part once they accept.' })

export const presentAdded = (added: Added): z.output<typeof participantAddedSchema> | z.output<typeof coworkerInvitedSchema> =>
  added.outcome === 'invited'
    ? { outcome: 'invited', invitationId: publicId('invitation', added.invitationId) }
    : { outcome: added.outcome, participant: presentParticipant(added.participant) }

const otherSide = { accountId: 'account_01k2v5p9h4m2s6t8w0x1y3z5a9', memberId: null, level: null }
const coworker = { accountId: 'account_01k2v5p9h4m2s6t8w0x1y3z5a8', memberId: 'member_01k2v6c5e7g9jbm1q3s5v7x9z1', level: 'full' } as const

export const participantExample = { ...coworker, name: 'Hana Horáková' }
export const conversationExample = {
  id: 'conversation-4410',
  version: 2,
  companyId: 'company_01k2v6a1c9f7vts0m5w2r8hq4n',
  teamId: 'team_01k2v6a1c9f7vts0m5w2r8hq4q',
  status: 'open',
  participants: [coworker, otherSide],
  participantsRevision: 1
} as const
export const conversationViewExample = {
  id: conversationExample.id,
  companyId: conversationExample.companyId,
  teamId: conversationExample.teamId,
  status: 'open',
  participants: [participantExample, { ...otherSide, name: null }],
  participantsRevision: 1,
  pending: [{ invitationId: 'invitation_01k2v6e8g1hbjm1q3s5v7x9z1c', email: 'remy@okafor.example', level: 'recruiter' }]
} as const
