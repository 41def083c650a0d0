import { sql } from 'drizzle-orm'
import type { Principal } from '../actor.ts'
import { statement } from '../db/pipeline.ts'
import { requireFresh, type Versions } from '../http/consistency.ts'
import type { Parts } from '../parts.ts'
import { refuse } from '../problems.ts'
import { appealEpoch, isAppealToken, readAppealToken } from './appeal-links.ts'

type AccountPrincipal = Extract<Principal, { kind: 'account' }>
type Authenticating = Pick<Parts, 'config' | 'db' | 'authenticate' | 'signing'>

const standing = statement(
  'appellant',
  sql`select a.version::int as version, a.enforcement in ('suspended', 'banned') as "shutOut", ${appealEpoch} as epoch
    from accounts a where a.id = ${''} and a.status <> 'anonymised'`
)

/** The person behind a signed appeal link; they have no session, and their sign-in is never recent. The link is held against the account as it is. */
async function bearerOfLink(
  { config, db }: Authenticating,
  token: string,
  atLeast: Versions | undefined,
  onlyShutOut: boolean
): Promise<AccountPrincipal | undefined> {
  const link = readAppealToken(token)
  if (!link) return undefined
  const { accountId } = link
  const [account] = await db.pipeline.run<{ version: number; shutOut: boolean; epoch: string }>(standing, [accountId])
  if (!account || !isAppealToken(config, link, account.epoch) || (onlyShutOut && !account.shutOut)) throw refuse('not_signed_in')
  requireFresh(atLeast, 'account', accountId, account.version)
  return { kind: 'account', accountId, sessionId: '', signInAge: Number.POSITIVE_INFINITY }
}

async function bearer(
  parts: Authenticating,
  token: string,
  atLeast: Versions | undefined,
  onlyShutOut: boolean
): Promise<AccountPrincipal> {
  const principal = (await bearerOfLink(parts, token, atLeast, onlyShutOut)) ?? (await parts.authenticate(token, 'account', atLeast))
  if (principal.kind !== 'account') throw refuse('not_signed_in')
  return principal
}

/**
 * Access for whoever is signed in, or holds a signed appeal link (S-2, E-4): who is suspended or banned cannot sign in, and appeals by it.
 * No other route takes such a link.
 */
export const appellant = (parts: Authenticating) =>
  ({ kind: 'account', authenticate: (token: string, atLeast: Versions | undefined) => bearer(parts, token, atLeast, false) }) as const

/**
 * The same for what is worth more than an appeal, such as the export of personal data (P-16): the link counts only while the account is
 * suspended or banned. Whoever can sign in does, with their second factor.
 */
export const shutOut = (parts: Authenticating) =>
  ({ kind: 'account', authenticate: (token: string, atLeast: Versions | undefined) => bearer(parts, token, atLeast, true) }) as const

/** The same, or an operator. */
export const appellantOrOperator = (parts: Authenticating) =>
  ({
    kind: 'party',
    async authenticate(token: string, atLeast: Versions | undefined): Promise<AccountPrincipal | Extract<Principal, { kind: 'operator' }>> {
      const linked = await bearerOfLink(parts, token, atLeast, false)
      if (linked) return linked
      const found = await parts.authenticate(token, parts.signing.kindOf(token) === 'operator' ? 'operator' : 'account', atLeast)
      if (found.kind !== 'operator' && found.kind !== 'account') throw refuse('not_signed_in')
      return found
    }
  }) as const
