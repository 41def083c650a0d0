import type { Config } from './config.ts'
import type { Parts } from './parts.ts'

/** Limits by their names in `RateLimit-Policy`. What guards secrets is counted one by one; what guards load may be leased. */
export function ratePolicies(config: Config): Parts['policies'] {
  const exact = 1
  return {
    anonymous: { name: 'anonymous', rates: config.LIMIT_ANONYMOUS, lease: 6 },
    read: { name: 'read', rates: config.LIMIT_READ, lease: 50 },
    write: { name: 'write', rates: config.LIMIT_WRITE, lease: 10 },
    service: { name: 'service', rates: config.LIMIT_SERVICE, lease: 500 },
    'sign-in': { name: 'sign-in', rates: config.LIMIT_SIGN_IN, lease: exact },
    register: { name: 'register', rates: config.LIMIT_REGISTER, lease: exact },
    recovery: { name: 'recovery', rates: config.LIMIT_RECOVERY, lease: exact },
    token: { name: 'token', rates: config.LIMIT_TOKEN, lease: exact },
    'refresh-address': { name: 'refresh-address', rates: config.LIMIT_REFRESH_ADDRESS, lease: 50 },
    'client-token': { name: 'client-token', rates: config.LIMIT_CLIENT_TOKEN, lease: exact },
    export: { name: 'export', rates: config.LIMIT_EXPORT, lease: exact },
    found: { name: 'found', rates: config.LIMIT_FOUND, lease: exact },
    signInPair: { name: 'sign-in-pair', rates: config.LIMIT_SIGN_IN_PAIR, lease: exact },
    refresh: { name: 'refresh', rates: config.LIMIT_REFRESH, lease: exact },
    inviter: { name: 'inviter', rates: config.LIMIT_INVITER, lease: exact },
    inviting: { name: 'inviting', rates: config.LIMIT_INVITING, lease: exact },
    invitingUnproven: { name: 'inviting-unproven', rates: config.LIMIT_INVITING_UNPROVEN, lease: exact },
    invited: { name: 'invited', rates: config.LIMIT_INVITED, lease: exact },
    domainAdded: { name: 'domain-added', rates: config.LIMIT_DOMAIN, lease: exact },
    domainVerified: { name: 'domain-verified', rates: config.LIMIT_DOMAIN, lease: exact },
    recoveryMail: { name: 'recovery-mail', rates: config.LIMIT_RECOVERY_MAIL, lease: exact }
  }
}
