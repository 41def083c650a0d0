import { z } from 'zod'
import { identitySettings } from './identity-settings.ts'
import { querySettings } from './query-settings.ts'
import {
  flag,
  listed,
  planLimits,
  postgresUrl,
  proxies,
  rates,
  type Setting,
  setting,
  smtpUrl,
  webOrigins,
  webUrl,
  whole
} from './setting-forms.ts'

const plan = (kind: string, name: string, fallback: string) =>
  setting(
    'Organizations',
    planLimits,
    fallback,
    `Room that the plan ${name} gives ${kind === 'agency' ? 'an agency' : 'a company'}: teams beside the default one, admins and members beside the owner, custom roles (C-9).`
  )

/** Every variable the service knows: the source of the parser and of the table in the README. */
export const settings = {
  HOST: setting('Network', z.string(), '127.0.0.1', 'Address to listen on. The container image sets `0.0.0.0`.'),
  PORT: setting('Network', whole(0, 65_535), '3000', 'Port of the API and its documentation. `0` takes a free one.'),
  METRICS_PORT: setting('Network', whole(0, 65_535), '9464', 'Port of `/metrics`, apart from the API. `0` takes a free one.'),
  TRUST_PROXY: setting(
    'Network',
    proxies,
    undefined,
    'Addresses or subnets of the proxies in front, comma-separated. Only their `X-Forwarded-For` is believed, and only for rate limits and the place of a session.'
  ),
  PUBLIC_URL: setting(
    'Network',
    webUrl,
    undefined,
    'Where callers reach this service: issuer of tokens, base of problem pages. Default `http://localhost:PORT`; required in production.'
  ),
  APP_URL: setting(
    'Network',
    webUrl,
    undefined,
    "The front end that links in mails lead to, as `…/verify-email#token=…`. Default: this service's own landing pages at `PUBLIC_URL`."
  ),
  APP_ORIGINS: setting(
    'Network',
    webOrigins,
    undefined,
    'Further browser origins that may call with cookies, comma-separated. `PUBLIC_URL` and `APP_URL` always may.'
  ),

  DATABASE_URL: setting(
    'Database',
    postgresUrl,
    undefined,
    "Postgres 17 or newer, as the service's own role. Setting it means production mode. Without it the embedded Postgres is started."
  ),
  DATABASE_MIGRATION_URL: setting(
    'Database',
    postgresUrl,
    undefined,
    'The same database as the role that owns the tables; used by `guildhall migrate` and `MIGRATE_ON_START`, never by requests.'
  ),
  ...querySettings,
  MIGRATE_ON_START: setting(
    'Database',
    flag,
    'false',
    'Apply migrations at start (needs `DATABASE_MIGRATION_URL`). The embedded database always does.'
  ),
  DATA_DIR: setting(
    'Database',
    z.string(),
    '.data',
    'Folder of the embedded database, its keys and its mailbox. Unused in production mode.'
  ),
  POOL_SIZE: setting(
    'Database',
    whole(2, 200),
    '10',
    'Connections for requests. One more is used for hot reads, one while the feed has streams, and `WORKER_POOL_SIZE` for jobs.'
  ),
  WORKER_POOL_SIZE: setting('Database', whole(2, 50), '4', 'Connections of the background worker.'),
  STATEMENT_TIMEOUT_MS: setting('Database', whole(100, 60_000), '3000', '`statement_timeout` of requests.'),
  LOCK_TIMEOUT_MS: setting('Database', whole(50, 30_000), '1000', '`lock_timeout` of requests.'),
  IDLE_IN_TRANSACTION_TIMEOUT_MS: setting('Database', whole(500, 60_000), '5000', '`idle_in_transaction_session_timeout` of requests.'),

  SECRET_KEYS: setting(
    'Keys',
    z.string(),
    undefined,
    'Comma-separated `id:key`, each key 32 random bytes or more in base64. The first signs, encrypts and peppers; the others are still read. Required in production; made once in `DATA_DIR` otherwise. `guildhall keys generate` prints one.'
  ),

  SMTP_URL: setting(
    'Mail',
    smtpUrl,
    undefined,
    'Mail server. Required in production. Without it, on the embedded database, mails are shown at `/dev/mail`.'
  ),
  MAIL_FROM: setting('Mail', z.string(), 'Guildhall <no-reply@guildhall.example>', 'Sender of every mail. Required in production.'),
  MAIL_ATTEMPTS: setting('Mail', whole(1, 50), '20', 'Tries before a mail is parked.'),
  MAIL_RETRY_SECONDS: setting('Mail', whole(1, 600), '1', 'First pause before a mail is tried again; doubles up to 10 minutes.'),

  PLAN_COMPANY_BASIC: plan('company', 'basic', 'teams=1,admins=1,members=9999,customRoles=0'),
  PLAN_COMPANY_PLUS: plan('company', 'plus', 'teams=499,admins=9999,members=9999,customRoles=0'),
  PLAN_COMPANY_BUSINESS: plan('company', 'business', 'teams=499,admins=9999,members=9999,customRoles=0'),
  PLAN_COMPANY_ENTERPRISE: plan('company', 'enterprise', 'teams=499,admins=9999,members=9999,customRoles=100'),
  PLAN_AGENCY_BASIC: plan('agency', 'basic', 'teams=1,admins=1,members=0,customRoles=0'),
  PLAN_AGENCY_PLUS: plan('agency', 'plus', 'teams=499,admins=9999,members=9999,customRoles=0'),
  COMPANIES_PER_ACCOUNT: setting('Organizations', whole(1, 1000), '50', 'Companies that one account may own.'),
  APPEALS_PER_ACTION: setting('Enforcement', whole(1, 20), '3', 'How often one decision of trust and safety can be appealed (E-4).'),
  INVITATION_DAYS: setting('Joining', whole(1, 30), '7', 'Days that an invitation is open unless it says otherwise (N-4).'),
  INVITATION_RESENDS: setting('Joining', whole(1, 20), '3', 'How often an invitation can be sent again.'),
  INVITATION_REMINDER_SECONDS: setting(
    'Joining',
    whole(3600, 7 * 86_400),
    String(2 * 86_400),
    'How long before its end one reminder is sent; an invitation that is shorter gets none (N-9).'
  ),
  PENDING_INVITATIONS: setting('Joining', whole(1, 10_000), '500', 'Invitations that may be pending in one organization.'),
  JOIN_REQUEST_SECONDS: setting('Joining', whole(86_400, 90 * 86_400), String(14 * 86_400), 'How long a request to join is open.'),
  DOMAINS_PER_COMPANY: setting('Joining', whole(1, 200), '20', 'Domains that one company may claim.'),
  DOMAIN_CHALLENGE_SECONDS: setting(
    'Joining',
    whole(3600, 30 * 86_400),
    String(7 * 86_400),
    'Life of the value that a DNS record has to show (D-1).'
  ),
  DOMAIN_CHECK_SECONDS: setting('Joining', whole(600, 7 * 86_400), '86400', 'How often the proof of a domain is looked at again (D-8).'),
  DOMAIN_CONTEST_SECONDS: setting(
    'Joining',
    whole(86_400, 30 * 86_400),
    String(7 * 86_400),
    'How long a domain that was taken over can be contested (D-1).'
  ),
  BLOCKED_DOMAINS: setting(
    'Joining',
    z.string().transform(listed),
    undefined,
    'Further email domains that no company can claim, comma-separated, beside the lists of mail providers and throw-away addresses (D-2).'
  ),
  DNS_SERVERS: setting(
    'Joining',
    z
      .string()
      .transform(listed)
      .refine(
        (servers) => servers.every((server) => /^([\d.]+|\[[\da-fA-F:.]+\]|[\da-fA-F:]+)(:\d{1,5})?$/.test(server)),
        'must be IP addresses, each with an optional port'
      ),
    undefined,
    "DNS servers that proofs of domains are looked up at, as `192.0.2.53` or `192.0.2.53:5353`, comma-separated. Default: the machine's own."
  ),
  TRANSFER_SECONDS: setting('Organizations', whole(3600, 30 * 86_400), String(7 * 86_400), 'How long an offer of ownership is open (O-1).'),

  PASSWORD_MIN_LENGTH: setting('Sign-in', whole(15, 64), '15', 'Code points a password needs while it is the only factor (S-1).'),
  PASSWORD_MIN_LENGTH_SECOND_FACTOR: setting('Sign-in', whole(8, 64), '8', 'Code points a password needs with a second factor (S-1).'),
  BREACHED_PASSWORDS_FILE: setting(
    'Sign-in',
    z.string(),
    undefined,
    'Breached passwords, sorted `SHA1:count` lines as Have I Been Pwned publishes them, searched on disk.'
  ),
  ARGON2_MEMORY_KIB: setting('Sign-in', whole(19_456, 1_048_576), '47104', 'Memory of one argon2id hash.'),
  ARGON2_PASSES: setting('Sign-in', whole(2, 10), '2', 'Passes of one argon2id hash.'),
  ARGON2_PARALLELISM: setting('Sign-in', whole(1, 8), '1', 'Lanes of one argon2id hash.'),
  HASH_CONCURRENCY: setting('Sign-in', whole(1, 64), undefined, 'Hashes computed at once. Default: the number of cores.'),
  HASH_QUEUE: setting('Sign-in', whole(1, 1024), '64', 'Hashes that may wait; one more is answered 503.'),
  HASH_WAIT_MS: setting('Sign-in', whole(100, 10_000), '1500', 'Longest wait for a hash before 503.'),
  ACCESS_TOKEN_SECONDS: setting('Sign-in', whole(30, 3600), '300', 'Life of an access token.'),
  REFRESH_IDLE_SECONDS: setting('Sign-in', whole(300, 30 * 86_400), String(14 * 86_400), 'A session unused for so long ends.'),
  SESSION_SECONDS: setting('Sign-in', whole(3600, 30 * 86_400), String(30 * 86_400), 'A session ends after so long, used or not.'),
  SESSIONS_PER_ACCOUNT: setting('Sign-in', whole(1, 100), '20', 'Live sessions of an account; one more ends the one unused longest.'),
  SHARING_WINDOW_SECONDS: setting(
    'Sign-in',
    whole(60, 3600),
    '600',
    'A login that is used within so long on two devices in two places is in use twice at once (S-5).'
  ),
  SHARING_CONFIRMED_DAYS: setting(
    'Sign-in',
    whole(1, 365),
    '30',
    'Two devices that a person has confirmed raise no such signal for so long.'
  ),
  REAUTHENTICATION_SECONDS: setting('Sign-in', whole(60, 3600), '600', 'How fresh a sign-in sensitive acts need (S-8).'),
  VERIFICATION_SECONDS: setting('Sign-in', whole(3600, 7 * 86_400), '86400', 'Life of the link that proves the email of a registration.'),
  ADDRESS_PROOF_SECONDS: setting('Sign-in', whole(600, 86_400), '1800', 'Life of the link that proves an address added to an account.'),
  RESET_SECONDS: setting('Sign-in', whole(300, 3600), '1800', 'Life of a password reset link.'),
  UNDO_SECONDS: setting(
    'Sign-in',
    whole(72 * 3600, 30 * 86_400),
    String(72 * 3600),
    'How long a change of the primary address can be undone.'
  ),
  UNVERIFIED_SECONDS: setting(
    'Sign-in',
    whole(86_400, 30 * 86_400),
    String(7 * 86_400),
    'An account whose email was never proven is deleted after so long.'
  ),
  FAILED_SIGN_INS: setting(
    'Sign-in',
    whole(3, 100),
    '10',
    'Wrong passwords for one address in 15 minutes before sign-in pauses, 30 seconds at first, then doubling to an hour.'
  ),
  EMAILS_PER_ACCOUNT: setting('Sign-in', whole(1, 50), '10', 'Email addresses of one account.'),

  REACTIVATION_SECONDS: setting('Closing', whole(3600, 86_400), '14400', 'Life of the link that opens a closed account again (P-14).'),
  REACTIVATION_YEARS: setting('Closing', whole(1, 10), '5', 'How long a closed account can be opened again by a link (P-14).'),
  ERASURE_GRACE_SECONDS: setting(
    'Closing',
    whole(0, 90 * 86_400),
    String(14 * 86_400),
    'How long a person can change their mind before what they asked to be erased is erased (P-16).'
  ),

  ...identitySettings,

  LIMIT_ANONYMOUS: setting('Limits', rates, '60/min', 'Anonymous requests per client address (IPv6 by /64).'),
  LIMIT_READ: setting('Limits', rates, '600/min', 'Requests per account, service client or operator.'),
  LIMIT_WRITE: setting('Limits', rates, '120/min', 'Changes per account.'),
  LIMIT_SERVICE: setting(
    'Limits',
    rates,
    '5000/s',
    'Requests per service client. With a single rate, permission queries are answered quickest.'
  ),
  LIMIT_SIGN_IN: setting('Limits', rates, '30/min,300/h', 'Sign-ins and re-authentications per client address.'),
  LIMIT_SIGN_IN_PAIR: setting('Limits', rates, '5/min', 'Sign-ins per client address and email.'),
  LIMIT_FOUND: setting('Limits', rates, '5/d', 'Companies and agencies founded per account.'),
  LIMIT_EXPORT: setting('Limits', rates, '10/d', 'Exports of personal data per account (P-16).'),
  LIMIT_REGISTER: setting('Limits', rates, '10/h,50/d', 'Registrations per client address.'),
  LIMIT_RECOVERY: setting('Limits', rates, '20/h', 'Requests for reset or proof mails per client address.'),
  LIMIT_RECOVERY_MAIL: setting('Limits', rates, '3/h,6/d', 'Reset or proof mails per email address; more are silently not sent.'),
  LIMIT_TOKEN: setting('Limits', rates, '20/min', 'Uses of mailed tokens per client address.'),
  LIMIT_INVITER: setting('Limits', rates, '100/h', 'Invitations per inviter, also sent again (N-8).'),
  LIMIT_INVITING: setting('Limits', rates, '200/d', 'Invitations per organization (N-8).'),
  LIMIT_INVITING_UNPROVEN: setting('Limits', rates, '50/d', 'Invitations per organization without a verified domain (N-8).'),
  LIMIT_INVITED: setting('Limits', rates, '3/d', 'Invitations per invited address, over all organizations (N-8).'),
  LIMIT_DOMAIN: setting('Limits', rates, '5/h', 'Domains added, and tries to verify one, each per company.'),
  LIMIT_REFRESH_ADDRESS: setting('Limits', rates, '600/min', 'Refreshes per client address.'),
  LIMIT_REFRESH: setting('Limits', rates, '10/min', 'Refreshes per session.'),
  ACCESS_BATCH_LIMIT: setting('Limits', whole(1, 1000), '100', 'Questions that one batch of permission queries may hold.'),
  LIMIT_CLIENT_TOKEN: setting('Limits', rates, '60/min', 'Token requests per client address at `/v1/oauth/token`.'),

  FEED_RETENTION_DAYS: setting('Feed', whole(7, 3650), '90', 'How long events are kept for readers of the feed.'),
  FEED_HEARTBEAT_SECONDS: setting(
    'Feed',
    whole(1, 60),
    '15',
    'After so long without an event a stream says that it lives. So often its token is looked at as well.'
  ),
  FEED_STREAMS_PER_CLIENT: setting('Feed', whole(1, 1000), '10', 'Streams that one service client may have open, on each instance.'),

  LOG_LEVEL: setting(
    'Operating',
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    'info',
    'Least level that is logged.'
  ),
  SHUTDOWN_SECONDS: setting('Operating', whole(1, 300), '10', 'Time a stop may take to finish running requests.'),
  WORKER: setting(
    'Operating',
    flag,
    'true',
    'Run the background worker (mails, comparing evidence, reminders, proofs of domains, the feed, cleaning, audit anchors) in this process.'
  ),
  AUDIT_ANCHOR_FILE: setting(
    'Operating',
    z.string(),
    undefined,
    'File that the hourly audit anchors are appended to. Default: `audit-anchors.jsonl` in `DATA_DIR`; in production they are logged.'
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting(
    'Operating',
    webUrl,
    undefined,
    'OpenTelemetry collector (OTLP over HTTP). Unset: no tracing code is loaded.'
  ),
  OTEL_SERVICE_NAME: setting('Operating', z.string(), 'guildhall', 'Name of this service in traces.')
} satisfies Record<string, Setting>

type Settings = typeof settings
/** The environment after parsing; absent variables without default are `undefined`. */
export type Environment = {
  [K in keyof Settings]: z.output<Settings[K]['schema']> | (Settings[K]['fallback'] extends string ? never : undefined)
}
