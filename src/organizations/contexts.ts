import { sql } from 'drizzle-orm'
import type { ActorOf } from '../actor.ts'
import { type Statement, statement } from '../db/pipeline.ts'
import type { Parts } from '../parts.ts'
import type { OrganizationKind } from './tables.ts'

export interface ContextRow {
  kind: 'freelancer' | OrganizationKind
  /** The organization; absent for the freelancer's own capacity. */
  id: string | null
  title: string
  logoUrl: string | null
  status: string
  enforcement: string
  memberId: string | null
  membershipStatus: 'active' | 'suspended' | null
  affiliation: string | null
  owner: boolean
  grants: Array<{ role: string; teamId: string | null }>
  teams: Array<{ id: string; name: string }>
  /** An offer of ownership that waits for the caller's answer. */
  offeredOwnership: boolean
}

const accountId = sql`${''}::uuid`

// One look, since the switcher is shown on every page: the freelancer's own capacity first, then organizations by name.
const contexts: Statement = statement(
  'contexts',
  sql`
  with me as (select ${accountId} as id)
  select 'freelancer' as kind, null as id, p.title, null as "logoUrl", p.status, a.enforcement, null as "memberId", null as "membershipStatus",
    null as affiliation, true as owner, '[]'::jsonb as grants, '[]'::jsonb as teams, false as "offeredOwnership"
  from me join freelancer_profiles p on p.account_id = me.id join accounts a on a.id = me.id where p.status = 'active'
  union all
  (select o.kind, o.id, o.name, o.logo_url, standing(o), o.enforcement, m.id, m.status, m.affiliation, o.owner_account_id = me.id,
    coalesce((select jsonb_agg(jsonb_build_object('role', coalesce(g.role, g.custom_role), 'teamId', g.team_id)
      order by g.team_id nulls first, coalesce(g.role, g.custom_role)) from role_grants g where g.membership_id = m.id), '[]'),
    coalesce((select jsonb_agg(jsonb_build_object('id', t.id, 'name', t.name) order by t.id) from team_members tm
      join teams t on t.id = tm.team_id where tm.membership_id = m.id and t.hidden_at is null), '[]'),
    exists (select from ownership_transfers x where x.organization_id = o.id and x.to_account_id = me.id and x.status = 'offered' and x.expires_at > now())
  from me join memberships m on m.account_id = me.id join organizations o on o.id = m.organization_id
  where o.status <> 'closed' order by o.kind desc, lower(o.name), o.id)`
)

/** Whom the signed-in person can act as (S-6): their own capacity, each company, each agency. Complete: nobody has very many. */
export const listContexts = ({ db }: Parts, actor: ActorOf<'account'>): Promise<ContextRow[]> =>
  db.pipeline.run<ContextRow>(contexts, [actor.accountId])
