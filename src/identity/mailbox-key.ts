/** What a mail provider does with the part before the @. */
interface Provider {
  /** The domain that stands for all of them. */
  domain: string
  /** Domains at which the same name is the same mailbox. */
  also?: readonly string[]
  /** Characters that make no difference. */
  ignores?: RegExp
  /** Where a tag begins; `+` everywhere else. */
  tag?: RegExp
}

/**
 * Providers known to deliver what differs in these ways to one mailbox, by what they say themselves. One that is missing only makes
 * evidence weak; one that is wrong would take two people for one.
 */
const providers: readonly Provider[] = [
  { domain: 'gmail.com', also: ['googlemail.com'], ignores: /\./g },
  { domain: 'proton.me', also: ['protonmail.com', 'pm.me'], ignores: /[._-]/g },
  { domain: 'icloud.com', also: ['me.com', 'mac.com'] },
  ...['outlook.com', 'hotmail.com', 'live.com', 'msn.com', 'outlook.de', 'hotmail.de', 'hotmail.co.uk', 'hotmail.fr'].map((domain) => ({
    domain
  })),
  // No name there has a hyphen; what follows one is a keyword that its owner chose.
  ...['yahoo.com', 'yahoo.de', 'yahoo.co.uk', 'yahoo.fr', 'ymail.com', 'rocketmail.com'].map((domain) => ({ domain, tag: /[+-]/ })),
  { domain: 'fastmail.com' },
  { domain: 'fastmail.fm' },
  { domain: 'zoho.com' },
  { domain: 'mailbox.org' },
  { domain: 'posteo.de' }
]

const byDomain = new Map(providers.flatMap((provider) => [provider.domain, ...(provider.also ?? [])].map((domain) => [domain, provider])))

export interface MailboxKey {
  key: string
  /** The provider is known to deliver all spellings with this key to one mailbox. */
  strong: boolean
}

/**
 * The mailbox that a canonical address leads to, as far as that is known (P-1): its +tag dropped, and its dots where the provider ignores
 * them. Pure and idempotent. Evidence only: nobody is ever found, signed in or invited by it.
 */
export function mailboxKey(canonical: string): MailboxKey {
  const at = canonical.lastIndexOf('@')
  const [local, domain] = [canonical.slice(0, at), canonical.slice(at + 1)]
  const provider = byDomain.get(domain)
  // What begins with a plus is no tag of nothing.
  const tagAt = local.slice(1).search(provider?.tag ?? /\+/)
  const untagged = tagAt >= 0 ? local.slice(0, tagAt + 1) : local
  // A name of nothing but such characters is no name without them.
  const name = (provider?.ignores && untagged.replace(provider.ignores, '')) || untagged
  return { key: `${name}@${provider?.domain ?? domain}`, strong: provider !== undefined }
}
