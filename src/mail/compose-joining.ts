import { type SQL, sql } from 'drizzle-orm'
import { rows, type Tx } from '../db/database.ts'
import { publicId } from '../http/ids.ts'
import { invitationFacts, invitationMail, invitationTokens } from '../invitations/invitation-mail.ts'
import { isSilenced } from '../invitations/preferences.ts'
import { adminAccountIds } from '../organizations/admins.ts'
import type { OrganizationKind } from '../organizations/tables.ts'
import type { Parts } from '../parts.ts'
import type { Composed } from './compose.ts'
import type { MailContent } from './content.ts'
import { activePerson, fullName, type Holder, primaryOf } from './holders.ts'
import type { JoiningMailRequest } from './outbox.ts'

type Of<Kind extends JoiningMailRequest['kind']> = Extract<JoiningMailRequest, { kind: Kind }>

/** The organization that a mail is about. */
interface About {
  organizationId: string
  organizationKind: OrganizationKind
  organization: string
}

const about = sql`o.id as "organizationId", o.kind as "organizationKind", o.name as organization`

/** Mails about coming into organizations. Whoever they are for is asked about once more now: undefined when it is not theirs any more. */
export async function composeJoining(tx: Tx, parts: Parts, request: JoiningMailRequest): Promise<Composed | undefined> {
  switch (request.kind) {
    case 'invitation':
    case 'invitation_reminder':
      return composeInvitation(tx, parts, request)
    case 'invitation_accepted':
      return composeAccepted(tx, request.invitationId)
    case 'invitation_declined':
      return composeDeclined(tx, request.invitationId)
    case 'invitation_stuck':
      return composeStuck(tx, parts, request)
    case 'member_joined':
      return composeJoined(tx, parts, request)
    case 'join_requested':
      return composeRequested(tx, parts, request)
    case 'join_request_decided':
      return composeDecided(tx, parts, request.requestId)
    case 'domain_notice':
      return composeDomainNotice(tx, parts, request)
  }
}

/** To the invited address in the invitation's own language, whether or not somebody has an account with it; never to a silenced one (N-8). */
async function composeInvitation(
  tx: Tx,
  parts: Parts,
  { kind, invitationId, tokenId }: Of<'invitation' | 'invitation_reminder'>
): Promise<Composed | undefined> {
  const invitation = await invitationFacts(tx, { kind, invitationId, tokenId })
  if (!invitation || (await isSilenced(tx, parts.config.keys, invitation.canonical))) return undefined
  return invitationMail(parts, invitation.facts, invitationTokens(parts, invitation))
}

interface Answered extends About {
  inviterAccountId: string
  address: string
  acceptedBy: string | null
}

/** An invitation in a state, with its organization. */
async function invitationIn(tx: Tx, invitationId: string, state: SQL): Promise<Answered | undefined> {
  const [invitation] = await rows<Answered>(
    tx,
    sql`select ${about}, i.inviter_account_id as "inviterAccountId", i.email as address, i.accepted_by_account_id as "acceptedBy"
      from invitations i join organizations o on o.id = i.organization_id where i.id = ${invitationId} and ${state}`
  )
  return invitation
}

// Who left does not hear what becomes of the invitations they sent.
const inviterIsMember = sql`exists (select from memberships m
  where m.organization_id = i.organization_id and m.account_id = i.inviter_account_id and m.status = 'active')`

async function composeAccepted(tx: Tx, invitationId: string): Promise<Composed | undefined> {
  const invitation = await invitationIn(tx, invitationId, sql`i.status = 'accepted' and ${inviterIsMember}`)
  const invitee = invitation?.acceptedBy && (await activePerson(tx, invitation.acceptedBy))
  if (!invitation || !invitee) return undefined
  const { organization, inviterAccountId } = invitation
  return tell(await activePerson(tx, inviterAccountId), { kind: 'invitation_accepted', invitee: fullName(invitee), organization })
}

async function composeDeclined(tx: Tx, invitationId: string): Promise<Composed | undefined> {
  const invitation = await invitationIn(tx, invitationId, sql`i.status = 'declined' and ${inviterIsMember}`)
  if (!invitation) return undefined
  const { organization, inviterAccountId, address } = invitation
  return tell(await activePerson(tx, inviterAccountId), { kind: 'invitation_declined', address, organization })
}

async function composeStuck(tx: Tx, parts: Parts, request: Of<'invitation_stuck'>): Promise<Composed | undefined> {
  const invitation = await invitationIn(tx, request.invitationId, sql`i.status = 'pending'`)
  const inviter = invitation && (await primaryOf(tx, invitation.inviterAccountId))
  if (!invitation || !inviter) return undefined
  const { organization, address } = invitation
  const link = linkTo(parts, invitation)
  const admin = await adminOf(tx, invitation, request.adminAccountId)
  return tell(admin, { kind: 'invitation_stuck', address, organization, inviter: fullName(inviter), why: request.why, link })
}

async function composeJoined(tx: Tx, parts: Parts, request: Of<'member_joined'>): Promise<Composed | undefined> {
  const [place] = await rows<About>(tx, sql`select ${about} from organizations o where o.id = ${request.organizationId}`)
  const newcomer = await activePerson(tx, request.accountId)
  if (!place || !newcomer) return undefined
  const { organization } = place
  const admin = await adminOf(tx, place, request.adminAccountId)
  return tell(admin, {
    kind: 'member_joined',
    newcomer: fullName(newcomer),
    organization,
    source: request.source,
    link: linkTo(parts, place)
  })
}

interface Asked extends About {
  accountId: string
  address: string
  message: string | null
  status: 'open' | 'approved' | 'refused'
  reason: string | null
  days: number
}

async function joinRequest(tx: Tx, requestId: string, state: SQL): Promise<Asked | undefined> {
  const [asked] = await rows<Asked>(
    tx,
    sql`select ${about}, r.account_id as "accountId", r.email as address, r.message, r.status, r.reason,
        greatest(1, round(extract(epoch from r.expires_at - now()) / 86400))::int as days
      from join_requests r join organizations o on o.id = r.organization_id where r.id = ${requestId} and ${state}`
  )
  return asked
}

async function composeRequested(tx: Tx, parts: Parts, request: Of<'join_requested'>): Promise<Composed | undefined> {
  const asked = await joinRequest(tx, request.requestId, sql`r.status = 'open' and r.expires_at > now()`)
  const newcomer = asked && (await activePerson(tx, asked.accountId))
  if (!asked || !newcomer) return undefined
  const { address, organization, message, days } = asked
  return tell(await adminOf(tx, asked, request.adminAccountId), {
    kind: 'join_requested',
    newcomer: fullName(newcomer),
    address,
    organization,
    ...(message === null ? {} : { message }),
    days,
    link: linkTo(parts, asked)
  })
}

async function composeDecided(tx: Tx, parts: Parts, requestId: string): Promise<Composed | undefined> {
  const asked = await joinRequest(tx, requestId, sql`r.status in ('approved', 'refused')`)
  if (!asked || asked.status === 'open') return undefined
  const { organization, status, reason } = asked
  return tell(await activePerson(tx, asked.accountId), {
    kind: 'join_request_decided',
    organization,
    decision: status,
    ...(reason === null ? {} : { reason }),
    // Who was refused sees nothing of the company.
    link: status === 'approved' ? linkTo(parts, asked) : parts.config.appUrl
  })
}

// What a notice says must still be so: mails may overtake each other.
const stateOf: Record<Of<'domain_notice'>['what'], SQL> = {
  paused: sql`d.status = 'verified' and d.paused_at is not null`,
  resumed: sql`d.status = 'verified' and d.paused_at is null`,
  lost: sql`d.status = 'lost'`,
  contested: sql`d.status <> 'verified'`
}

async function composeDomainNotice(tx: Tx, parts: Parts, request: Of<'domain_notice'>): Promise<Composed | undefined> {
  const { domainId, adminAccountId, what } = request
  const [found] = await rows<About & { domain: string; until: number | null }>(
    tx,
    sql`select ${about}, d.domain,
        case when d.contest_until > now() then (extract(epoch from d.contest_until) * 1000)::float8 end as until
      from domains d join organizations o on o.id = d.organization_id where d.id = ${domainId} and ${stateOf[what]}`
  )
  if (!found) return undefined
  const { domain, organization } = found
  return tell(await adminOf(tx, found, adminAccountId), {
    kind: 'domain_notice',
    domain,
    organization,
    what,
    ...(found.until === null || what !== 'lost' ? {} : { until: new Date(found.until) }),
    link: linkTo(parts, found)
  })
}

/** Somebody, if they still run the organization. */
async function adminOf(tx: Tx, { organizationId }: About, accountId: string): Promise<Holder | undefined> {
  return (await adminAccountIds(tx, organizationId)).includes(accountId) ? activePerson(tx, accountId) : undefined
}

type Unaddressed<Content> = Content extends { firstName: string } ? Omit<Content, 'firstName'> : never

const tell = (person: Holder | undefined, content: Unaddressed<MailContent>): Composed | undefined =>
  person && { to: person.address, locale: person.locale, content: { ...content, firstName: person.firstName } as MailContent }

/** Where the front end shows the organization to those who run it. */
const linkTo = ({ config }: Parts, { organizationKind, organizationId }: About): string =>
  `${config.appUrl}/organizations/${publicId(organizationKind, organizationId)}`
