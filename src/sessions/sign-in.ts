import { type SQL, sql } from 'drizzle-orm'
import { type AccountView, lockAccount, viewAccount } from '../accounts/accounts.ts'
import { canonicalEmail } from '../accounts/email-address.ts'
import type { Actor, ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import type { Db, Tx } from '../db/database.ts'
import { actionsInForce } from '../enforcement/actions.ts'
import { addressBlock, addressPlace } from '../http/addresses.ts'
import { publicId } from '../http/ids.ts'
import { tooMany } from '../http/rate-limits.ts'
import { noteSignIn } from '../identity/own-evidence.ts'
import { sha256 } from '../keyring.ts'
import { requestMail } from '../mail/outbox.ts'
import type { Parts } from '../parts.ts'
import { Problem, refuse } from '../problems.ts'
import { signedAppealUrl } from './appeal-links.ts'
import { useSecondFactor } from './second-factor.ts'
import { deviceName, openSession, type Tokens } from './sessions.ts'
import { clearDoubt } from './sharing.ts'
import { countSignIn, forgetFailures, forgottenFailures, identifierChain, identifierHash, uncountSignIn } from './sign-in-guard.ts'

export interface SignIn {
  email: string
  password: string
  totp?: string | undefined
  recoveryCode?: string | undefined
}

interface Credentials {
  place: number
  accountId: string
  status: AccountView['status']
  enforcement: AccountView['enforcement']
  passwordHash: string
  pepperId: string
}

const columns = sql`a.id as "accountId", a.status, a.enforcement, a.password_hash as "passwordHash", a.pepper_id as "pepperId"`

// Whoever has proven the address, and the latest registration that claims it, to be told to prove it.
const byEmail = (canonical: string) => sql`
  select row_number() over (order by e.verified_at is null, a.created_at desc, a.id desc)::int as place, ${columns}
  from emails e join accounts a on a.id = e.account_id
  where e.canonical = ${canonical} and (e.verified_at is not null or a.status = 'pending_email') order by place limit 2`
const byId = (accountId: string) => sql`select 1 as place, ${columns} from accounts a where a.id = ${accountId}`

/**
 * Signs a person in (S-2): an unknown address and a wrong password get the same answer after the same work, whatever the state of the
 * account. Only once the password is proven does the answer depend on it, and only once the second factor is does it say that somebody is
 * shut out, with the link to appeal. The owner is told when the account was never used on the device.
 * @throws invalid_credentials, sign_in_paused, email_unverified, account_suspended, account_banned, second_factor_required, second_factor_invalid
 */
export async function signIn(parts: Parts, db: Db, actor: Actor, input: SignIn): Promise<{ account: AccountView; tokens: Tokens }> {
  const email = canonicalEmail(input.email)
  // What is no address is counted like one that nobody has. It may hold what no text of the database can.
  const canonical = email.ok ? email.canonical : `not an address: ${sha256(input.email).toString('hex')}`
  const pair = await parts.limits.use(parts.policies.signInPair, `${addressBlock(actor.address)} ${canonical}`)
  if (!pair.allowed) throw tooMany(pair)
  const identifier = identifierHash(parts.config.keys, canonical)
  const attempt = () => signInOnce(parts, db, actor, input, canonical, identifier)
  return attempt().catch((error: unknown) => {
    // Mostly another sign-in that renewed the hash of the same password: looked at once more, against what is stored now.
    if (error instanceof HashChanged) return attempt()
    throw error
  })
}

/** Another hash is stored by now than the one that the password was verified against. */
class HashChanged extends Problem {
  constructor() {
    super('invalid_credentials')
  }
}

async function signInOnce(
  parts: Parts,
  db: Db,
  actor: Actor,
  input: SignIn,
  canonical: string,
  identifier: Buffer
): Promise<{ account: AccountView; tokens: Tokens }> {
  const { credentials, verified } = await tryPassword(parts, identifier, input.password, byEmail(canonical))
  if (!credentials || !verified.ok || (credentials.status !== 'active' && credentials.status !== 'pending_email')) {
    await recordFailure(parts, actor, credentials?.accountId, identifier, 'password')
    throw refuse('invalid_credentials')
  }
  if (credentials.status === 'pending_email') throw refuse('email_unverified')

  // Another time, when there is no time for it now. A link to appeal would die with the former hash.
  const renewing = verified.outdated && !isShutOut(credentials)
  const rehashed = renewing ? await parts.passwords.hash(input.password).catch(() => undefined) : undefined
  const done = await recordingFactor(parts, actor, credentials.accountId, identifier, () =>
    db.transaction(async (tx) => {
      const account = await lockAccount(tx, credentials.accountId)
      if (account.passwordHash !== credentials.passwordHash) throw new HashChanged()
      if (account.status !== 'active') throw refuse('invalid_credentials')
      // Nothing that it shows changes below.
      const view = await viewAccount(tx, account.id)
      if (view.secondFactor) await useSecondFactor(tx, parts, account.id, input)
      // Answered and not thrown: the code that was used stays used.
      if (isShutOut(account)) return shutOutProblem(parts, tx, account)
      if (rehashed) {
        await tx.execute(
          sql`update accounts set password_hash = ${rehashed.hash}, pepper_id = ${rehashed.pepperId} where id = ${account.id}`
        )
      }
      const { newDevice, ...tokens } = await openSession(tx, parts, account.id, actor, forgottenFailures(identifier))
      await noteSignIn(tx, parts.config, account.id, actor)
      if (newDevice) {
        const [place, device] = [addressPlace(actor.address), deviceName(actor.userAgent)]
        await requestMail(tx, { kind: 'new_sign_in', accountId: account.id, place, device })
      }
      return { account: view, tokens }
    })
  )
  if (done instanceof Problem) throw done
  return done
}

/** Looks at a password, as one counted try; one that there was no time for does not count. @throws sign_in_paused, overloaded */
async function tryPassword(parts: Parts, identifier: Buffer, password: string, lookUp: SQL) {
  const found = await countSignIn<Credentials>(parts.db, identifier, parts.config.FAILED_SIGN_INS, lookUp)
  const credentials = found.find(({ status }) => status !== 'pending_email')
  const verified = await verifyAgainst(parts, password, credentials).catch(async (error: unknown) => {
    await uncountSignIn(parts.db, identifier)
    throw error
  })
  if (verified.ok && credentials?.status === 'active') return { credentials, verified }
  // A claim counts whether or not somebody has proven the address: or registering it and signing in would tell whether it is taken.
  const claim = found.find(({ status }) => status === 'pending_email')
  // From here on the try stays counted: the password was looked at once, and a wrong one must not be free because the queue is full.
  const claimed = await verifyAgainst(parts, password, claim)
  return claimed.ok ? { credentials: claim, verified: claimed } : { credentials, verified }
}

const verifyAgainst = (parts: Parts, password: string, credentials: Credentials | undefined) =>
  parts.passwords.verify(password, credentials && { hash: credentials.passwordHash, pepperId: credentials.pepperId })

const isShutOut = ({ enforcement }: Pick<AccountView, 'enforcement'>): boolean => enforcement === 'suspended' || enforcement === 'banned'

/** E-3: whoever is suspended or banned reads why, and gets the link to appeal: account_suspended, account_banned. */
async function shutOutProblem(parts: Parts, tx: Tx, { id, enforcement }: Pick<AccountView, 'id' | 'enforcement'>): Promise<Problem> {
  const [action] = await actionsInForce(tx, { kind: 'account', id })
  return refuse(enforcement === 'suspended' ? 'account_suspended' : 'account_banned', {
    extensions: {
      reason: action?.reasonCode,
      remedy: action?.remedy,
      ...(action?.endsAt ? { until: action.endsAt } : {}),
      appealUrl: await signedAppealUrl(parts.config, tx, id)
    }
  })
}

async function recordFailure(parts: Parts, actor: Actor, accountId: string | undefined, identifier: Buffer, factor: string): Promise<void> {
  // An address nobody has gets a chain of its own, so that both cases do the same work.
  await parts.db.transaction((tx) =>
    record(tx, {
      actor,
      chain: accountId ? { kind: 'account', id: accountId } : identifierChain(identifier),
      action: 'sign_in.failed',
      resource: accountId ? publicId('account', accountId) : 'identifier',
      detail: { factor }
    })
  )
}

/** Runs `work`, and records a wrong second factor, which undoes the transaction that found it. */
async function recordingFactor<T>(parts: Parts, actor: Actor, accountId: string, identifier: Buffer, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Problem && error.code === 'second_factor_invalid') {
      await recordFailure(parts, actor, accountId, identifier, 'second_factor')
    }
    throw error
  }
}

/** In the counts of failures: an account that is signed in to, apart from its addresses, so that strangers cannot pause it. */
export const ownIdentifier = (parts: Parts, accountId: string): Buffer => identifierHash(parts.config.keys, `account ${accountId}`)

/** Holds the password of somebody signed in against the stored one; tries are counted. @throws invalid_credentials, sign_in_paused */
export async function proveOwnPassword(parts: Parts, actor: ActorOf<'account'>, password: string): Promise<{ passwordHash: string }> {
  const identifier = ownIdentifier(parts, actor.accountId)
  const { credentials, verified } = await tryPassword(parts, identifier, password, byId(actor.accountId))
  if (!credentials || !verified.ok) {
    await recordFailure(parts, actor, actor.accountId, identifier, 'password')
    throw refuse('invalid_credentials', { detail: 'The password is wrong.' })
  }
  return credentials
}

/**
 * Proves again that the person is there, for sensitive acts (S-8): password, and second factor where there is one. Clears the doubt that
 * the session is in (S-5).
 * @throws invalid_credentials, sign_in_paused, second_factor_required, second_factor_invalid
 */
export async function reauthenticate(
  parts: Parts,
  db: Db,
  actor: ActorOf<'account'>,
  input: Omit<SignIn, 'email'>
): Promise<{ freshSeconds: number }> {
  const identifier = ownIdentifier(parts, actor.accountId)
  const credentials = await proveOwnPassword(parts, actor, input.password)
  return recordingFactor(parts, actor, actor.accountId, identifier, () =>
    db.transaction(async (tx) => {
      const account = await lockAccount(tx, actor.accountId)
      if (account.passwordHash !== credentials.passwordHash) throw refuse('invalid_credentials')
      await useSecondFactor(tx, parts, account.id, input)
      await forgetFailures(tx, identifier)
      const renewed = await clearDoubt(tx, account.id, actor.sessionId)
      if (!renewed.found) throw refuse('not_signed_in')
      await record(tx, {
        actor,
        chain: { kind: 'account', id: account.id },
        action: 'session.reauthenticated',
        resource: publicId('session', actor.sessionId)
      })
      return { freshSeconds: parts.config.REAUTHENTICATION_SECONDS }
    })
  )
}
