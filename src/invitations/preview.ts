import { sql } from 'drizzle-orm'
import { requireCanonical } from '../accounts/requirements.ts'
import type { ActorOf } from '../actor.ts'
import { rows } from '../db/database.ts'
import { renderMail } from '../mail/templates.ts'
import { type Place, readAsMember } from '../organizations/change.ts'
import { readGrantBook, resolveIn, teamsOf } from '../organizations/grants.ts'
import { requireActive } from '../organizations/organizations.ts'
import type { Parts } from '../parts.ts'
import { defaultGrants, requireInviter, requireMayOffer } from './entitlement.ts'
import { invitationMail, roleWordsOf } from './invitation-mail.ts'
import type { Wanted } from './judging.ts'

export interface MailPreview {
  from: string
  to: string
  subject: string
  text: string
  html: string
  locale: string
}

/** Stands in the links of a preview for the tokens, which no invitation has yet. */
export const previewToken = 'preview'

/**
 * The mail that inviting would send, made by the same function from the same facts, but for the tokens in its links (N-2). Writes nothing and
 * locks nothing. Whether the address can be invited now is not looked at: only what the invitation says. @throws what its roles are refused for
 */
export async function previewInvitation(parts: Parts, actor: ActorOf<'account'>, input: Place & Wanted): Promise<MailPreview> {
  const { db, config } = parts
  const acting = await readAsMember(db, actor, input, undefined)
  const { organization, self } = acting
  requireInviter(acting)
  requireActive(organization)
  requireCanonical(input.email)
  const chosen = input.grants.length > 0
  const wanted = chosen ? input.grants : defaultGrants(organization)
  const book = await readGrantBook(db.query, organization, teamsOf(wanted))
  const grants = resolveIn(book, wanted)
  requireMayOffer(acting, grants, organization.kind === 'agency' ? (input.affiliation ?? 'non_exclusive') : null, chosen)
  const [own] = await rows<{ locale: string }>(db.query, sql`select locale from accounts where id = ${actor.accountId}`)
  const facts = {
    kind: 'invitation',
    to: input.email,
    locale: input.locale ?? own!.locale,
    organization: organization.name,
    organizationKind: organization.kind,
    inviter: `${self.firstName} ${self.lastName}`,
    roles: roleWordsOf(book, grants),
    message: input.message ?? null,
    days: input.expiresInDays ?? config.INVITATION_DAYS
  } as const
  const mail = invitationMail(parts, facts, { mailed: previewToken, preference: previewToken })
  return { from: config.MAIL_FROM, to: mail.to, locale: mail.locale, ...renderMail(mail.content, mail.locale) }
}
