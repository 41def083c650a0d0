import { disposableEmailBlocklist } from 'disposable-email-domains-js'
import emailProviders from 'email-providers/all.json' with { type: 'json' }
import { parse } from 'tldts'
import { canonicalEmailDomain } from '../accounts/email-address.ts'
import type { Config } from '../config.ts'
import { refuse } from '../problems.ts'
import { morePublicDomains, publicNames } from './more-public-domains.ts'

/**
 * The domain that a company claims, as it stands in canonical addresses (D-4). @throws public_email_domain for what anybody can have an
 * address or a name under, for the service's own, and for what is no domain name (D-2)
 */
export function requireClaimable(config: Config, typed: string): string {
  const domain = canonicalEmailDomain(typed)
  if (domain === undefined || isPublic(domain) || isBelow(domain, reserved(config))) throw refuse('public_email_domain')
  return domain
}

function isPublic(domain: string): boolean {
  const { domain: registrable, domainWithoutSuffix: name, isPrivate } = parse(domain, { allowPrivateDomains: true })
  // A suffix itself, or a name that a service such as a web host gives away below its own.
  if (registrable === null || isPrivate || publicNames.has(name ?? '')) return true
  // Not above the registrable domain: the lists have suffixes of whole countries among them.
  for (let part = domain; part.length >= registrable.length; part = part.slice(part.indexOf('.') + 1)) if (listed().has(part)) return true
  return false
}

let lists: Set<string> | undefined

/** Providers of mail and of throw-away addresses; put together when the first domain is looked at. */
function listed(): Set<string> {
  lists ??= new Set([...emailProviders, ...disposableEmailBlocklist(), ...morePublicDomains].map(plain))
  return lists
}

// All but a few entries are A-labels already.
const plain = (entry: string): string => (/[^a-z0-9.-]/.test(entry) ? (canonicalEmailDomain(entry) ?? entry) : entry)

/** The service's own domains, and what its operator blocks, be it a whole suffix. */
function reserved({ publicUrl, appUrl, MAIL_FROM, BLOCKED_DOMAINS = [] }: Config): string[] {
  const own = [new URL(publicUrl).hostname, new URL(appUrl).hostname, /@([^\s<>@]+)>?\s*$/.exec(MAIL_FROM)?.[1] ?? '']
  return [...own, ...BLOCKED_DOMAINS].filter(Boolean).map((entry) => canonicalEmailDomain(entry) ?? entry.toLowerCase())
}

const isBelow = (domain: string, names: readonly string[]): boolean => names.some((name) => domain === name || domain.endsWith(`.${name}`))
