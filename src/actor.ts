import type { Fingerprint } from './identity/fingerprints.ts'

/** For whom an account acts with a token of token exchange (G-5), in which agency and with which permissions. */
export interface ActingFor {
  accountId: string
  agencyId: string
  permissions: readonly string[]
}

/**
 * Who a request acts as; only ever made from a verified credential. `signInAge`: seconds since the person last proved to be there (S-8);
 * `doubt`: why their session asks them to prove it again (S-5), absent when it does not. `actingFor` is there only on the few routes that
 * take a delegation. `addressPrints`: by them the accounts are found that have, or once had, the address of an operator (E-1).
 */
export type Principal =
  | {
      kind: 'account'
      accountId: string
      sessionId: string
      signInAge: number
      doubt?: 'moved' | 'shared' | undefined
      actingFor?: ActingFor
    }
  | { kind: 'service'; clientId: string; scopes: readonly string[] }
  | { kind: 'operator'; operatorId: string; email: string; addressPrints: readonly Fingerprint[] }
  | { kind: 'anonymous' }
  | { kind: 'system' }

/** Where a request comes from. */
export interface Origin {
  requestId: string
  /** The client's address as the socket or a trusted proxy says. */
  address: string
  userAgent: string
}

export type Actor = Principal & Origin
export type ActorOf<Kind extends Principal['kind']> = Extract<Principal, { kind: Kind }> & Origin

/** The id behind an actor, if it has one. */
export function actorId(actor: Principal): string | null {
  switch (actor.kind) {
    case 'account':
      return actor.accountId
    case 'service':
      return actor.clientId
    case 'operator':
      return actor.operatorId
    default:
      return null
  }
}

/** The actor of commands, jobs and migrations. */
export const system: Actor = { kind: 'system', requestId: 'system', address: '127.0.0.1', userAgent: '' }
