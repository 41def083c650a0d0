import { z } from 'zod'
import { affiliations, membershipSources } from '../organizations/tables.ts'
import { exportVersion, type PersonalData } from './export.ts'

const moment = z.iso.datetime({ precision: 3 })
const momentOrNull = moment.nullable()
const text = z.string()
const textOrNull = z.string().nullable()
const organizationId = text.meta({ description: 'TypeID with the prefix `company` or `agency`.' })
const grants = z
  .array(z.strictObject({ role: text, teamId: text.optional() }))
  .meta({ description: 'Without a team: for the whole organization.' })
const rate = z.strictObject({ amount: z.int(), currency: text }).nullable().meta({ description: 'In the smallest unit of the currency.' })
const words = { title: text, overview: text, hourlyRate: rate, skills: z.array(text) }

const person = {
  account: z.strictObject({
    id: text,
    status: text,
    firstName: text,
    lastName: text,
    countryCode: text,
    intent: text,
    locale: text,
    enforcement: text.meta({ description: 'What is in force now.' }),
    createdAt: moment,
    activatedAt: momentOrNull,
    closedAt: momentOrNull
  }),
  emails: z.array(
    z.strictObject({ address: text, primary: z.boolean(), verifiedAt: momentOrNull, createdAt: moment, doNotInvite: z.boolean() })
  ),
  secondFactor: z
    .strictObject({ enabledAt: moment, recoveryCodesLeft: z.int() })
    .nullable()
    .meta({ description: 'That there is one; its secret is in no export.' }),
  sessions: z
    .array(
      z.strictObject({
        id: text,
        device: text,
        userAgent: text,
        place: text.meta({ description: 'The network that it was last used from, not the whole address.' }),
        createdAt: moment,
        lastUsedAt: moment,
        endedAt: momentOrNull,
        endReason: textOrNull
      })
    )
    .meta({ description: 'Sign-ins, as long as they are kept.' }),
  sharingSignals: z
    .array(z.strictObject({ device: text, place: text, otherDevice: text, otherPlace: text, day: z.iso.date() }))
    .meta({ description: 'Days on which the login was in use at two places at once (S-5).' }),
  freelancerProfile: z
    .strictObject({
      ...words,
      status: text,
      visibility: text,
      createdAt: moment,
      closedAt: momentOrNull,
      specialised: z.array(z.strictObject({ place: z.int(), ...words }))
    })
    .nullable()
}

const invitation = z.strictObject({
  id: text,
  organizationId,
  email: text,
  message: textOrNull,
  status: text,
  roles: grants,
  createdAt: moment,
  expiresAt: moment,
  endedAt: momentOrNull
})

const work = {
  memberships: z.array(
    z.strictObject({
      id: text,
      organizationId,
      organization: text.meta({ description: 'Its name.' }),
      status: text,
      owner: z.boolean(),
      source: z.enum(membershipSources),
      affiliation: z.enum(affiliations).nullable(),
      roles: grants,
      teams: z.array(z.strictObject({ id: text, name: text })),
      joinedAt: moment
    })
  ),
  formerMemberships: z.array(
    z.strictObject({ id: text, organizationId, source: text, affiliation: textOrNull, reason: text, joinedAt: moment, endedAt: moment })
  ),
  ownedOrganizations: z.array(
    z.strictObject({
      id: organizationId,
      name: text,
      status: text,
      plan: text,
      website: textOrNull,
      countryCode: textOrNull,
      logoUrl: textOrNull,
      legalName: textOrNull,
      size: textOrNull,
      vatNumber: textOrNull,
      timeZone: textOrNull,
      tagline: textOrNull,
      description: textOrNull,
      skills: z.array(text).nullable(),
      createdAt: moment,
      closedAt: momentOrNull
    })
  ),
  ownershipOffers: z.array(
    z.strictObject({
      id: text,
      organizationId,
      direction: z.enum(['made', 'received']),
      status: text,
      createdAt: moment,
      endedAt: momentOrNull
    })
  ),
  invitationsReceived: z.array(invitation).meta({ description: 'To any proven address of the account.' }),
  invitationsSent: z.array(invitation).meta({ description: 'The address is masked where the person is a member no longer.' }),
  joinRequests: z.array(
    z.strictObject({
      id: text,
      organizationId,
      email: text,
      message: textOrNull,
      status: text,
      reason: textOrNull,
      createdAt: moment,
      endedAt: momentOrNull
    })
  ),
  contracts: z
    .array(
      z.strictObject({
        id: text,
        part: z.enum(['freelancer', 'contact', 'business_manager']),
        companyId: text,
        agencyId: textOrNull,
        status: text,
        updatedAt: moment
      })
    )
    .meta({ description: 'As far as they are known here; the service that owns them has the rest, as for proposals and conversations.' }),
  proposals: z.array(z.strictObject({ id: text, agencyId: textOrNull, status: text, updatedAt: moment })),
  conversations: z.array(z.strictObject({ id: text, companyId: text, level: textOrNull, addedAt: moment }))
}

const decisions = {
  evidence: z
    .array(
      z.strictObject({
        kind: text,
        country: textOrNull,
        documentType: textOrNull,
        source: text,
        verifiedAt: momentOrNull,
        createdAt: moment
      })
    )
    .meta({ description: 'Which facts tie the account to one person. Their values are not kept, only keyed fingerprints (P-12).' }),
  identityVerifications: z.array(
    z.strictObject({
      id: text,
      status: text,
      origin: text,
      deadline: momentOrNull,
      defects: z.array(text),
      createdAt: moment,
      decidedAt: momentOrNull
    })
  ),
  enforcement: z.array(
    z.strictObject({
      id: text,
      kind: text,
      status: text,
      reasonCode: text,
      policy: text,
      remedy: text,
      startsAt: moment,
      endsAt: momentOrNull,
      liftedAt: momentOrNull,
      liftReason: textOrNull
    })
  ),
  appeals: z.array(
    z.strictObject({
      id: text,
      actionId: text,
      status: text,
      createdAt: moment,
      decidedAt: momentOrNull,
      messages: z.array(z.strictObject({ author: z.enum(['person', 'operator']), text, createdAt: moment }))
    })
  ),
  duplicateCases: z.array(
    z.strictObject({
      id: text,
      otherAccount: text.meta({ description: 'As its owner would recognise it, without anything that names it (P-9).' }),
      kind: text,
      status: text,
      evidenceKinds: z.array(text),
      keptThis: z.boolean().nullable(),
      createdAt: moment,
      decidedAt: momentOrNull
    })
  ),
  history: z
    .array(
      z.strictObject({
        at: moment,
        action: text,
        resource: text,
        values: z.record(z.string(), z.unknown()).nullable().meta({ description: 'Words and addresses of the change, as they were.' })
      })
    )
    .meta({ description: 'What the person did in the account.' })
}

export const personalDataSchema = z
  .strictObject({
    schemaVersion: z.literal(exportVersion).meta({ description: 'Rises when a reader of the former form would not understand it.' }),
    exportedAt: moment,
    ...person,
    ...work,
    ...decisions
  })
  .meta({ id: 'PersonalDataExport' })

export const presentPersonalData = (data: PersonalData): z.output<typeof personalDataSchema> => data
