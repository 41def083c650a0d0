import { sql } from 'drizzle-orm'
import { rows, type Tx } from '../db/database.ts'
import type { Composed } from '../mail/compose.ts'
import type { RoleWord } from '../mail/content.ts'
import type { GrantBook, WantedGrant } from '../organizations/grants.ts'
import type { OrganizationKind } from '../organizations/tables.ts'
import type { Parts } from '../parts.ts'
import { mailedToken, preferenceToken } from './invitation-tokens.ts'

/** What the mail of an invitation says, whether the invitation exists or is only being thought about (N-2). */
export interface InvitationFacts {
  kind: 'invitation' | 'invitation_reminder'
  /** The address as typed. */
  to: string
  /** The invitation's own: that of a receiver's account would tell whether there is one. */
  locale: string
  organization: string
  organizationKind: OrganizationKind
  inviter: string
  roles: RoleWord[]
  message: string | null
  /** In a reminder: what is left. */
  days: number
}

/** What opens the links of the mail. */
export interface InvitationTokens {
  mailed: string
  preference: string
}

/** The mail of an invitation: what a preview shows is what is sent. Mail programs silence the address with one click (RFC 8058). */
export function invitationMail(
  { config: { appUrl, publicUrl } }: Pick<Parts, 'config'>,
  { to, locale, message, ...facts }: InvitationFacts,
  { mailed, preference }: InvitationTokens
): Composed {
  return {
    to,
    locale,
    content: {
      ...facts,
      ...(message === null ? {} : { message }),
      link: `${appUrl}/invitation#token=${mailed}`,
      silenceLink: `${appUrl}/do-not-invite#token=${preference}`
    },
    headers: {
      'List-Unsubscribe': `<${publicUrl}/v1/invitation-preferences/one-click?token=${preference}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click'
    }
  }
}

/** Grants as a mail names them; custom roles and teams by their names in the organization. */
export const roleWordsOf = ({ customRoles, teams }: Pick<GrantBook, 'customRoles' | 'teams'>, grants: readonly WantedGrant[]): RoleWord[] =>
  grants.map(({ role, teamId }) => {
    const team = teamId === null ? undefined : teams.get(teamId)?.name
    return { key: role, name: customRoles.get(role)?.name ?? role, ...(team === undefined ? {} : { team }) }
  })

interface Source {
  id: string
  tokenId: string
  keyId: string
}

/** The tokens of an invitation's present sending: derived, never stored. */
export const invitationTokens = ({ config: { keys } }: Pick<Parts, 'config'>, { id, tokenId, keyId }: Source): InvitationTokens => ({
  mailed: mailedToken(keys, { tokenId, keyId }),
  preference: preferenceToken(keys, { invitationId: id, keyId })
})

export interface SendableInvitation extends Source {
  canonical: string
  facts: InvitationFacts
}

/**
 * An invitation for its mail; undefined when nobody should get that any more: it is answered or over, was sent again since with another
 * token, or the organization or the inviter could not take anybody in (N-4, N-6).
 */
export async function invitationFacts(
  tx: Tx,
  { kind, invitationId, tokenId }: { kind: InvitationFacts['kind']; invitationId: string; tokenId: string }
): Promise<SendableInvitation | undefined> {
  const [row] = await rows<Source & Omit<InvitationFacts, 'kind'> & { canonical: string; daysLeft: number }>(
    tx,
    sql`select i.id, i.token_id as "tokenId", i.key_id as "keyId", i.canonical, i.email as "to", i.locale, i.message, i.days,
        greatest(1, round(extract(epoch from i.expires_at - now()) / 86400))::int as "daysLeft",
        o.name as organization, o.kind as "organizationKind", trim(a.first_name || ' ' || a.last_name) as inviter,
        (select coalesce(json_strip_nulls(json_agg(json_build_object('key', g.role, 'name', coalesce(c.name, g.role), 'team', t.name) order by g.place)), '[]')
          from rows from (jsonb_to_recordset(i.grants) as (role text, "teamId" uuid)) with ordinality as g (role, team_id, place)
            left join custom_roles c on c.organization_id = o.id and c.key = g.role
            left join teams t on t.organization_id = o.id and t.id = g.team_id) as roles
      from invitations i join organizations o on o.id = i.organization_id join accounts a on a.id = i.inviter_account_id
      where i.id = ${invitationId} and i.token_id = ${tokenId} and i.status = 'pending' and i.expires_at > now()
        and standing(o) = 'active' and a.status = 'active' and a.enforcement not in ('suspended', 'banned')`
  )
  if (!row) return undefined
  const { id, keyId, canonical, days, daysLeft, tokenId: _, ...facts } = row
  return { id, tokenId, keyId, canonical, facts: { kind, ...facts, days: kind === 'invitation' ? days : daysLeft } }
}
