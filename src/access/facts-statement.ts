import { sql } from 'drizzle-orm'
import { statement } from '../db/pipeline.ts'
import type { Question } from '../permissions/answer.ts'
import type { Enforcement, Grant, MemberFacts, OrganizationFacts } from '../permissions/decide.ts'
import type { PersonFacts } from '../permissions/own-capacity.ts'

const asked = sql`unnest(${''}::uuid[], ${''}::text[], ${''}::uuid[], ${''}::text[], ${''}::text[], ${''}::uuid[], ${''}::uuid[], ${''}::uuid[])
  with ordinality as q (person, type, id, name, counter_type, counter_id, manager, agency, n)`

// Where each question leads, and who is looked at there. An account that is not one's own leads to every agency that both are in.
const places = sql`
  select o.id as organization_id, null::uuid as team_id, 'place' as part, q.person as about from organizations o
    where q.type in ('company', 'agency') and o.id = q.id and o.kind = q.type
  union all select t.organization_id, t.id, 'place', q.person from teams t where q.type = 'team' and t.id = q.id
  union all select c.company_id, c.team_id, 'place', q.person from contracts c where q.type = 'contract' and c.id = q.name
  union all select c.company_id, c.team_id, 'place', q.person from conversation_participants x join conversations c on c.id = x.conversation_id
    where q.type = 'conversation' and x.conversation_id = q.name and x.account_id = q.person and x.level is not null
  union all select m.organization_id, null, both_of.part, both_of.about from memberships m
    join memberships s on s.organization_id = m.organization_id and s.account_id = q.person
    cross join (values ('manager', q.person), ('member', q.id)) both_of (part, about)
    where q.type = 'account' and q.agency is null and q.id <> q.person and m.account_id = q.id and m.kind = 'agency'
  union all select d.id, null, both_of.part, both_of.about from organizations d
    cross join (values ('manager', q.manager), ('member', q.person)) both_of (part, about) where d.id = q.agency and d.kind = 'agency'`

// G-8: the person themselves, an agency they own, or somebody who works exclusively through one.
const ownSide = sql`q.counter_id is not null and (q.counter_type = 'account' and q.counter_id = q.person or coalesce((
  select true from organizations w where w.owner_account_id = q.person and w.kind = 'agency' and w.status <> 'closed' and (
    q.counter_type = 'agency' and w.id = q.counter_id or q.counter_type = 'account' and exists (
      select from memberships x where x.organization_id = w.id and x.account_id = q.counter_id and x.affiliation = 'exclusive')) limit 1), false))`

/**
 * Everything that any number of questions depend on, in one statement and so of one snapshot: it costs one round trip whatever the number of
 * teams and roles. Each part is looked up by itself (`limit 1`), so that no planner ever reads a table for it, however it counts the questions.
 */
export const factsStatement = statement(
  'access_facts',
  sql`
  select q.n::int as n, p.part, p.team_id as "teamId", ${ownSide} as "ownSide",
    a.id as "accountId", a.status as "accountStatus", a.enforcement, a.version::int as "accountVersion",
    extract(epoch from least(a.enforcement_changes, o.enforcement_changes) - now())::float8 * 1000 as lasts,
    coalesce((select f.confirmed_at is not null from second_factors f where f.account_id = a.id limit 1), false) as "secondFactor",
    coalesce((select f.status = 'active' from freelancer_profiles f where f.account_id = a.id limit 1), false) as freelancer,
    coalesce((select true from memberships e where e.account_id = a.id and e.affiliation = 'exclusive' limit 1), false) as exclusive,
    o.id as "organizationId", o.kind, o.status as "organizationStatus", o.enforcement as "organizationEnforcement",
    o.require_second_factor as "requireSecondFactor", o.version::int as "organizationVersion",
    m.status as "membershipStatus", m.affiliation, o.owner_account_id = a.id as owner,
    array(select tm.team_id from team_members tm where tm.membership_id = m.id order by tm.team_id) as "teamIds",
    coalesce((select jsonb_agg(jsonb_build_object('role', coalesce(g.role, g.custom_role), 'teamId', g.team_id, 'permissions',
          (select c.permissions from custom_roles c where c.organization_id = g.organization_id and c.key = g.custom_role limit 1))
        order by g.team_id nulls first, coalesce(g.role, g.custom_role))
      from role_grants g where g.membership_id = m.id), '[]') as grants
  from ${asked} left join lateral (${places}) p on true
    left join lateral (select a.id, a.status, a.enforcement, a.enforcement_changes, a.version from accounts a
      where a.id = case when p.part is null then q.person else p.about end limit 1) a on true
    left join lateral (select o.id, o.kind, o.status, o.enforcement, o.enforcement_changes, o.require_second_factor, o.version, o.owner_account_id
      from organizations o where o.id = p.organization_id limit 1) o on true
    left join lateral (select m.id, m.status, m.affiliation from memberships m
      where m.organization_id = o.id and m.account_id = a.id limit 1) m on true
  order by q.n, o.id`
)

/** One person at one place, or one who is in none. */
export interface Row extends PersonFacts {
  n: number
  part: 'place' | 'manager' | 'member' | null
  teamId: string | null
  ownSide: boolean
  accountVersion: number
  /** Milliseconds until the clock changes an enforcement in it. */
  lasts: number | null
  organizationId: string | null
  kind: OrganizationFacts['kind']
  organizationStatus: OrganizationFacts['status']
  organizationEnforcement: Enforcement
  requireSecondFactor: boolean
  organizationVersion: number
  membershipStatus: MemberFacts['membershipStatus'] | null
  affiliation: MemberFacts['affiliation']
  owner: boolean
  teamIds: string[]
  grants: Array<Grant & { permissions: string[] | null }>
}

/** The values of the statement, a column of each for all questions. */
export function factsValues(questions: readonly Question[]): unknown[] {
  const column = <Value>(of: (question: Question) => Value): Value[] => questions.map(of)
  const foreign = ({ resource: { type } }: Question) => type === 'contract' || type === 'conversation'
  const counterparty = ({ counterparty }: Question) => (counterparty === 'unknown' ? undefined : counterparty)
  return [
    column(({ accountId }) => accountId),
    column(({ resource }) => resource.type),
    column((question) => (foreign(question) ? null : question.resource.id)),
    column((question) => (foreign(question) ? question.resource.id : null)),
    column((question) => counterparty(question)?.type ?? null),
    column((question) => counterparty(question)?.id ?? null),
    column(({ delegation }) => delegation?.managerId ?? null),
    column(({ delegation }) => delegation?.agencyId ?? null)
  ]
}
