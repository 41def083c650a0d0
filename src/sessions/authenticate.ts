import { sql } from 'drizzle-orm'
import { type AccountRow, type AccountView, accountColumns, accountJoins, assembleAccount } from '../accounts/accounts.ts'
import type { Principal } from '../actor.ts'
import type { Db } from '../db/database.ts'
import { isRecent, type Memory } from '../db/memory.ts'
import { type Statement, statement } from '../db/pipeline.ts'
import { requireFresh, type Versions } from '../http/consistency.ts'
import { parseId } from '../http/ids.ts'
import { fingerprintsOf } from '../identity/fingerprints.ts'
import type { Keyring } from '../keyring.ts'
import { refuse } from '../problems.ts'
import { after, type Soon } from '../soon.ts'
import type { Doubt } from './sharing.ts'
import type { AccessClaims, SigningKeys } from './signing-keys.ts'

type AccountPrincipal = Extract<Principal, { kind: 'account' }>
type ServicePrincipal = Extract<Principal, { kind: 'service' }>

interface LiveSession {
  signInAge: number
  doubt: Doubt | null
  version: number
}

const sessionColumns = sql`extract(epoch from now() - s.authenticated_at)::float8 as "signInAge", s.doubt`
const alive = sql`s.id = ${''} and s.account_id = ${''} and s.ended_at is null and s.expires_at > now()
  and a.status = 'active' and a.enforcement not in ('suspended', 'banned')`
const liveSession = statement(
  'live_session',
  sql`select ${sessionColumns}, a.version::int as version from sessions s join accounts a on a.id = s.account_id where ${alive}`
)
const liveSessionAndAccount = statement(
  'live_session_and_account',
  sql`select ${sessionColumns}, ${accountColumns} from sessions s join accounts a on a.id = s.account_id ${accountJoins} where ${alive}`
)
const sessionToClose = statement(
  'session_to_close',
  sql`select ${sessionColumns}, a.version::int as version from sessions s join accounts a on a.id = s.account_id where s.id = ${''} and s.account_id = ${''}
    and s.expires_at > now() and a.enforcement not in ('suspended', 'banned')
    and (s.ended_at is null and a.status = 'active' or s.end_reason = 'account_closed' and a.status = 'closed')`
)
const liveService = statement('live_service', sql`select scopes from service_clients where id = ${''} and disabled_at is null`)
const liveOperator = statement('live_operator', sql`select email from operators where id = ${''} and disabled_at is null`)

/** Scopes of service clients that are known to live: each for a second at most, and only until a notice names it. */
export type KnownClients = Memory<readonly string[]>

function liveScopes(db: Db, clients: KnownClients, clientId: string): Soon<readonly string[] | undefined> {
  return (
    knownScopes(clients, clientId) ??
    clients.reading(async ({ keep }) => {
      const [client] = await db.pipeline.run<{ scopes: string[] }>(liveService, [clientId])
      if (client) keep(clientId, [`client:${clientId}`], client.scopes)
      return client?.scopes
    })
  )
}

function knownScopes(clients: KnownClients, clientId: string): readonly string[] | undefined {
  const known = clients.find(clientId)
  return known && isRecent(known) ? known.value : undefined
}

// By the claims of a token that is remembered: those of a service come thousands of times.
const clientIds = new WeakMap<AccessClaims, string>()

function clientIdOf(claims: AccessClaims): string | undefined {
  const known = clientIds.get(claims) ?? parseId('service', claims.sub)
  if (known) clientIds.set(claims, known)
  return known
}

/** As far as its token reaches. */
function serviceOf({ scope }: AccessClaims, clientId: string, scopes: readonly string[]): ServicePrincipal {
  const asked = scope?.split(' ')
  return { kind: 'service', clientId, scopes: asked ? scopes.filter((each) => asked.includes(each)) : scopes }
}

function findService(db: Db, clients: KnownClients, claims: AccessClaims): Soon<ServicePrincipal> {
  const clientId = clientIdOf(claims)
  if (!clientId) throw refuse('not_signed_in')
  return after(liveScopes(db, clients, clientId), (scopes) => {
    if (!scopes) throw refuse('not_signed_in')
    return serviceOf(claims, clientId, scopes)
  })
}

/** The service behind a token that was verified, if it was known to live within the last second: as sure as `authenticate`, without asking anybody. */
export const knownServices =
  (signing: SigningKeys, clients: KnownClients) =>
  (token: string): ServicePrincipal | undefined => {
    const claims = signing.known('service', token)
    const clientId = claims && clientIdOf(claims)
    const scopes = clientId && knownScopes(clients, clientId)
    return claims && clientId && scopes ? serviceOf(claims, clientId, scopes) : undefined
  }

async function findSession<Row extends LiveSession>(
  db: Db,
  signing: SigningKeys,
  statement: Statement,
  token: string,
  atLeast: Versions | undefined
): Promise<{ principal: AccountPrincipal; found: Row[] }> {
  const claims = await signing.verify('account', token)
  return requireSession<Row>(db, statement, parseId('account', claims.sub), parseId('session', claims.sid ?? ''), atLeast)
}

async function requireSession<Row extends LiveSession>(
  db: Db,
  statement: Statement,
  accountId: string | undefined,
  sessionId: string | undefined,
  atLeast: Versions | undefined
): Promise<{ principal: AccountPrincipal; found: Row[] }> {
  if (!accountId || !sessionId) throw refuse('not_signed_in')
  const found = await db.pipeline.run<Row>(statement, [sessionId, accountId])
  const [session] = found
  if (!session) throw refuse('not_signed_in')
  requireFresh(atLeast, 'account', accountId, session.version)
  const { signInAge, doubt } = session
  return { principal: { kind: 'account', accountId, sessionId, signInAge, doubt: doubt ?? undefined }, found }
}

/**
 * The principal behind a bearer token: the signature says who it was made for, one indexed read says that the session, client
 * and account still live, so that an ended session, a suspension or a closed account stops at once (S-4, E-3). Service clients
 * ask much, and are known for a second.
 * @throws not_signed_in
 */
export function authenticator(db: Db, signing: SigningKeys, keys: Keyring, clients: KnownClients) {
  const authenticate = (token: string, kind: Principal['kind'] | 'asker', atLeast: Versions | undefined): Soon<Principal> => {
    switch (kind) {
      case 'asker': {
        const said = signing.kindOf(token)
        if (said === 'delegation') return findDelegate(db, signing, token, atLeast)
        return authenticate(token, said === 'service' ? 'service' : 'account', atLeast)
      }
      case 'account':
        return findSession<LiveSession>(db, signing, liveSession, token, atLeast).then(({ principal }) => principal)
      case 'service':
        return after(signing.verify('service', token), (claims) => findService(db, clients, claims))
      case 'operator':
        return findOperator(db, signing, keys, token)
      default:
        throw refuse('not_signed_in')
    }
  }
  return authenticate
}

async function findOperator(db: Db, signing: SigningKeys, keys: Keyring, token: string): Promise<Principal> {
  const claims = await signing.verify('operator', token)
  const operatorId = parseId('operator', claims.sub)
  const [found] = operatorId ? await db.pipeline.run<{ email: string }>(liveOperator, [operatorId]) : []
  if (!operatorId || !found) throw refuse('not_signed_in')
  return { kind: 'operator', operatorId, email: found.email, addressPrints: fingerprintsOf(keys, 'email', found.email) }
}

/** Whoever acts for somebody with a delegation: it ends with their own session (G-5). */
async function findDelegate(db: Db, signing: SigningKeys, token: string, atLeast: Versions | undefined): Promise<AccountPrincipal> {
  const { sub, act, agency, scope = '', sid } = await signing.verify('delegation', token)
  const [accountId, managerId] = [parseId('account', sub), parseId('account', act?.sub ?? '')]
  const agencyId = parseId('agency', agency ?? '')
  if (!accountId || !managerId || !agencyId) throw refuse('not_signed_in')
  const { principal } = await requireSession<LiveSession>(db, liveSession, managerId, parseId('session', sid ?? ''), atLeast)
  return { ...principal, actingFor: { accountId, agencyId, permissions: scope.split(' ') } }
}

/** The same for accounts, with what the account shows its owner, read in the same look. */
export function accountAuthenticator(db: Db, signing: SigningKeys) {
  return async (token: string, atLeast: Versions | undefined): Promise<AccountPrincipal & { account: AccountView }> => {
    const { principal, found } = await findSession<LiveSession & AccountRow>(db, signing, liveSessionAndAccount, token, atLeast)
    return { ...principal, account: assembleAccount(found)! }
  }
}

/** For closing an account, which ends the session it is asked with: whoever asks again under the same Idempotency-Key is still known by it. */
export function closingAuthenticator(db: Db, signing: SigningKeys) {
  return async (token: string, atLeast: Versions | undefined): Promise<AccountPrincipal> =>
    (await findSession<LiveSession>(db, signing, sessionToClose, token, atLeast)).principal
}
