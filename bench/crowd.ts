import type pg from 'pg'
import type { Question } from '../src/permissions/answer.ts'

/** Accounts, companies and their memberships, each known by its number from 0 on, so that nobody has to read two million ids. */
export interface Crowd {
  accounts: number
  companies: number
  memberships: number
}

const agenciesOf = ({ companies }: Crowd): number => Math.ceil(companies / 10)

export const largeCrowd: Crowd = { accounts: 1_000_000, companies: 100_000, memberships: 2_000_000 }

// The digit that tells ids of one table from those of another.
const tables = { account: 1, company: 2, team: 3, membership: 4, agency: 5, agencyTeam: 6, agencyMembership: 7 } as const

// A prime: the members of a company are neighbours neither by number nor on disk, and nobody is in it twice.
const stride = 611_953

const idOf = (table: keyof typeof tables, number: number): string =>
  `0190000${tables[table]}-0000-7000-8000-${number.toString(16).padStart(12, '0')}`

interface Pair {
  accountId: string
  companyId: string
}

/** A member, and the company. */
export const memberPair = ({ accounts, companies, memberships }: Crowd, membership: number): Pair => ({
  accountId: idOf('account', (membership * stride) % accounts),
  companyId: idOf('company', Math.floor((membership * companies) / memberships))
})

/** The same person and a company of others. Of anybody's memberships one is half of all after the other: a quarter on nobody is there again. */
export const strangerPair = (crowd: Crowd, membership: number): Pair => ({
  accountId: memberPair(crowd, membership).accountId,
  companyId: memberPair(crowd, (membership + Math.floor(crowd.memberships / 4)) % crowd.memberships).companyId
})

/** Questions of every kind in turn, each about other people and places. */
export function everyKind(crowd: Crowd, count: number): Question[] {
  return Array.from({ length: count }, (_, index): Question => {
    // Neither all owners nor all alike.
    const membership = (Math.floor((index * crowd.memberships) / count) + 9 + 7 * index) % crowd.memberships
    const { accountId, companyId } = memberPair(crowd, membership)
    const company = Math.floor((membership * crowd.companies) / crowd.memberships)
    const owner = memberPair(crowd, (company * crowd.memberships) / crowd.companies).accountId
    const agency = company % agenciesOf(crowd)
    const [manager, freelancer] = [idOf('account', 2 * agency), idOf('account', 2 * agency + 1)]
    const represented = { type: 'account', id: freelancer } as const
    const kinds: Array<Omit<Question, 'permission'>> = [
      { accountId, resource: { type: 'company', id: companyId } },
      { accountId, resource: { type: 'team', id: idOf('team', 2 * company + 1) } },
      { accountId: owner, resource: { type: 'contract', id: `crowd-contract-${company}` }, counterparty: represented },
      { accountId: owner, resource: { type: 'conversation', id: `crowd-conversation-${company}` } },
      { accountId: manager, resource: represented, counterparty: { type: 'agency', id: idOf('agency', agency) } },
      { accountId: freelancer, resource: represented, delegation: { managerId: manager, agencyId: idOf('agency', agency) } }
    ]
    return { permission: 'offer.send', ...kinds[index % kinds.length]! }
  })
}

/**
 * Puts a crowd into a migrated database, by the superuser, without triggers and checks of references. Every company has an owner, two teams, a role of
 * its own, a contract and a conversation; of twenty members one is the owner, one administers, some recruit, some hire in one team, some are plain
 * members of the other, and one holds no role. A tenth as many agencies have an owner and somebody who works through them alone. A fourth of all are freelancers, a
 * fifth have a second factor. `keyId` is one of the service's keys.
 */
export async function seedCrowd(client: pg.Client, crowd: Crowd, keyId: string): Promise<void> {
  const { accounts, companies, memberships } = crowd
  const each = memberships / companies
  const agencies = agenciesOf(crowd)
  const from = (count: number): string => `from generate_series(0, ${count - 1}) n`
  const id = (table: keyof typeof tables, number: string): string => `pg_temp.crowd_id(${tables[table]}, ${number})`
  const accountOf = `(n::bigint * ${stride} % ${accounts})`
  const key = `'${keyId.replaceAll("'", "''")}'`
  const statements = [
    'set session_replication_role = replica',
    // Written once and checked against nothing: the log of it need not be forced to disk piece by piece.
    'set synchronous_commit = off',
    `create function pg_temp.crowd_id(kind int, n bigint) returns uuid language sql immutable return
      ('0190000' || kind || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid`,
    `insert into accounts (id, status, first_name, last_name, country_code, intent, locale, password_hash, pepper_id, password_stands_alone, activated_at)
      select ${id('account', 'n')}, 'active', 'Olga', 'Okafor', 'DE', 'client', 'en', 'x', ${key}, true, now() ${from(accounts)}`,
    `insert into second_factors (account_id, sealed_secret, key_id, confirmed_at)
      select ${id('account', 'n')}, '\\x00', ${key}, now() ${from(accounts)} where n % 5 = 0`,
    `insert into freelancer_profiles (account_id, title, overview, visibility, skills)
      select ${id('account', 'n')}, 'Illustrator', 'Draws.', 'public', '{}' ${from(accounts)} where n % 4 = 0`,
    `insert into organizations (id, kind, plan, owner_account_id, default_team_id, name)
      select ${id('company', 'n')}, 'company', 'enterprise', ${id('account', `(n::bigint * ${each} * ${stride} % ${accounts})`)}, ${id('team', '2 * n')},
        'Company ' || n ${from(companies)}`,
    `insert into teams (id, organization_id, name)
      select ${id('team', 'n')}, ${id('company', 'n / 2')}, case n % 2 when 0 then 'General' else 'Design' end ${from(2 * companies)}`,
    `insert into custom_roles (organization_id, key, name, description, permissions)
      select ${id('company', 'n')}, 'poster', 'Poster', 'Posts.', '{job.post}' ${from(companies)}`,
    `insert into memberships (id, organization_id, kind, account_id, source)
      select ${id('membership', 'n')}, ${id('company', `n / ${each}`)}, 'company', ${id('account', accountOf)},
        case n % ${each} when 0 then 'founder' else 'invitation' end ${from(memberships)}`,
    `insert into team_members (organization_id, team_id, membership_id)
      select ${id('company', `n / ${each}`)}, ${id('team', `n / ${each} * 2 + case when n % 20 between 14 and 17 then 1 else 0 end`)}, ${id('membership', 'n')}
      ${from(memberships)}`,
    `insert into role_grants (organization_id, kind, membership_id, team_id, role, custom_role)
      select ${id('company', `n / ${each}`)}, 'company', ${id('membership', 'n')},
        case when n % 20 between 7 and 13 then ${id('team', `n / ${each} * 2`)} when n % 20 between 14 and 17 then ${id('team', `n / ${each} * 2 + 1`)} end,
        case when n % 20 = 1 then 'admin' when n % 20 < 7 then 'recruiter' when n % 20 < 14 then 'member' when n % 20 < 18 then 'hiring_manager' end,
        case when n % 20 = 18 then 'poster' end ${from(memberships)} where n % 20 between 1 and 18 and n % ${each} > 0`,
    `insert into contracts (id, version, body_hash, company_id, team_id, contact_account_id, contact_membership_id, freelancer_account_id, status)
      select 'crowd-contract-' || n, 1, '\\x00', ${id('company', 'n')}, ${id('team', '2 * n')}, o.owner_account_id, ${id('membership', `n::bigint * ${each}`)},
        ${id('account', 'n')}, 'active' ${from(companies)} join organizations o on o.id = ${id('company', 'n')}`,
    `insert into conversations (id, version, body_hash, company_id, team_id, status)
      select 'crowd-conversation-' || n, 1, '\\x00', ${id('company', 'n')}, ${id('team', '2 * n')}, 'open' ${from(companies)}`,
    `insert into conversation_participants (conversation_id, company_id, account_id, membership_id, level)
      select 'crowd-conversation-' || n, ${id('company', 'n')}, o.owner_account_id, ${id('membership', `n::bigint * ${each}`)}, 'full'
      ${from(companies)} join organizations o on o.id = ${id('company', 'n')}`,
    `insert into organizations (id, kind, plan, owner_account_id, default_team_id, name)
      select ${id('agency', 'n')}, 'agency', 'plus', ${id('account', '2 * n')}, ${id('agencyTeam', 'n')}, 'Agency ' || n ${from(agencies)}`,
    `insert into teams (id, organization_id, name) select ${id('agencyTeam', 'n')}, ${id('agency', 'n')}, 'General' ${from(agencies)}`,
    // The owner of each, and somebody who works through it alone.
    `insert into memberships (id, organization_id, kind, account_id, source, affiliation, slots)
      select ${id('agencyMembership', 'n')}, ${id('agency', 'n / 2')}, 'agency', ${id('account', 'n')}, case n % 2 when 0 then 'founder' else 'invitation' end,
        case n % 2 when 0 then 'non_exclusive' else 'exclusive' end, case n % 2 when 0 then '[1,2)' else '(,)' end::int8range ${from(2 * agencies)}`,
    `insert into role_grants (organization_id, kind, membership_id, role)
      select ${id('agency', 'n / 2')}, 'agency', ${id('agencyMembership', 'n')}, 'freelancer' ${from(2 * agencies)}`,
    'set session_replication_role = origin',
    'vacuum analyze',
    // Or it would happen while something is measured.
    'checkpoint'
  ]
  for (const statement of statements) await client.query(statement)
}
