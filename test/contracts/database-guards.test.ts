import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import t, { type Test } from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { contractServices } from '../support/contracts.ts'
import { organizations } from '../support/organizations.ts'
import { databaseUrl, openWorld, type Person } from '../support/world.ts'

// Around the service, with the rights that it has itself: what the database refuses, no code can do by mistake.
const world = await openWorld(t)
const { ok, send, found, join, team, freelance } = organizations(world)
const { add, putProposal } = await contractServices(world)
const [one, two] = (await Promise.all(
  [1, 2].map(async () => {
    const client = new pg.Client({ connectionString: databaseUrl('service', world.database) })
    await client.connect()
    t.teardown(() => client.end())
    return client
  })
)) as [pg.Client, pg.Client]

const names = ['Olga', 'Hugo', 'Hanna', 'Cora', 'Mia', 'Sven', 'Rita', 'Otto', 'Berta', 'Finn', 'Fay', 'Ada', 'Nina'] as const
const people = {} as Record<(typeof names)[number], Person>
for (const name of names) people[name] = await world.person(name)
const { Olga, Hugo, Hanna, Cora, Mia, Sven, Rita, Otto, Berta, Finn, Fay, Ada, Nina } = people
const account = (name: (typeof names)[number]) => parseId('account', people[name].accountId)!
const uuid = (id: string) => parseId(id.split('_')[0] as 'team', id)!

const acme = await found(Olga)
const designId = await team(acme, 'Design')
const [design, spare, hidden] = [uuid(designId), uuid(await team(acme, 'Spare')), uuid(await team(acme, 'Old'))]
await world.sql('update teams set hidden_at = now() where id = $1', [hidden])
const role = { key: 'contact', name: 'Contact', description: 'Answers.', permissions: ['contract.contact'] }
await ok(send('POST', `${acme.url}/roles`, Olga, role))
const member = {
  Olga: uuid(acme.memberId),
  Hugo: uuid(await join(acme, Hugo, [{ role: 'hiring_manager' }, { role: 'recruiter', teamId: designId }])),
  Hanna: uuid(await join(acme, Hanna, [{ role: 'hiring_manager', teamId: designId }])),
  Cora: uuid(await join(acme, Cora, [{ role: 'contact' }])),
  Mia: uuid(await join(acme, Mia, [{ role: 'recruiter' }, { role: 'recruiter', teamId: designId }])),
  Sven: uuid(await join(acme, Sven, [{ role: 'hiring_manager' }])),
  Rita: uuid(await join(acme, Rita, [{ role: 'hiring_manager' }]))
}
await world.sql(`update memberships set status = 'suspended' where id = $1`, [member.Sven])
await add('k-owner', acme, Olga, Finn)
await add('k-hugo', acme, Hugo, Finn, { teamId: designId })
await add('k-hanna', acme, Hanna, Finn, { teamId: designId })
await add('k-cora', acme, Cora, Finn)
const company = uuid(acme.id)
const acmeTeam = uuid(acme.defaultTeamId)

// A company without contracts, with a member who could own it.
const solo = await found(Olga)
const soloMember = { Olga: uuid(solo.memberId), Ada: uuid(await join(solo, Ada, [{ role: 'admin' }])) }
const soloTeam = uuid(await team(solo, 'Side'))
const soloId = uuid(solo.id)

// Two agencies: Finn is in both, Fay works for the first one only.
for (const person of [Otto, Berta, Finn, Fay, Ada]) await freelance(person)
const nord = await found(Otto, 'agency')
const west = await found(Berta, 'agency')
const agent = {
  Otto: uuid(nord.memberId),
  Finn: uuid(await join(nord, Finn, [{ role: 'freelancer' }])),
  FinnWest: uuid(await join(west, Finn, [{ role: 'freelancer' }])),
  Fay: uuid(await join(nord, Fay, [{ role: 'freelancer' }], { exclusive: true })),
  Nina: uuid(await join(nord, Nina, [{ role: 'finance' }])),
  Ada: uuid(await join(nord, Ada, [{ role: 'finance' }]))
}
const [nordId, westId] = [uuid(nord.id), uuid(west.id)]
await add('g-contract', acme, Olga, Fay, { agencyId: nord.id })
await ok(putProposal('g-own', { version: 1, accountId: Berta.accountId, status: 'archived' }))
await ok(putProposal('g-open', { version: 1, accountId: Finn.accountId, agencyId: nord.id, status: 'open' }))
await ok(putProposal('g-archived', { version: 1, accountId: Finn.accountId, agencyId: west.id, status: 'archived' }))

const insert = (table: string, values: Record<string, string>) =>
  `insert into ${table} (${Object.keys(values).join(', ')}) values (${Object.values(values).join(', ')})`
const quoted = (values: Record<string, string | null>) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value === null ? 'null' : `'${value}'`]))
const grant = (values: Record<string, string | null>) =>
  insert('role_grants', quoted({ organization_id: company, kind: 'company', membership_id: member.Mia, team_id: null, ...values }))
const membership = (values: Record<string, string | null>) =>
  insert(
    'memberships',
    quoted({ id: randomUUID(), organization_id: company, kind: 'company', account_id: account('Nina'), source: 'import', ...values })
  )
const agencyMembership = (organization: string, who: (typeof names)[number], affiliation: string, slots: string) =>
  membership({ organization_id: organization, kind: 'agency', account_id: account(who), source: 'invitation', affiliation, slots })
const customRole = (values: Record<string, string>) =>
  insert(
    'custom_roles',
    quoted({ organization_id: company, kind: 'company', key: 'free', name: 'X', description: 'X', permissions: '{}', ...values })
  )
const contract = (values: Record<string, string | null>) =>
  insert(
    'contracts',
    quoted({
      id: 'new',
      version: '1',
      body_hash: '\\x00',
      company_id: company,
      team_id: acmeTeam,
      contact_account_id: account('Hugo'),
      contact_membership_id: member.Hugo,
      freelancer_account_id: account('Finn'),
      status: 'active',
      ...values
    })
  )
const proposal = (status: string) =>
  insert('proposals', quoted({ id: 'new', version: '1', body_hash: '\\x00', account_id: account('Finn'), status }))
const transfer = (values: Record<string, string | null>) =>
  insert(
    'ownership_transfers',
    quoted({
      id: randomUUID(),
      organization_id: soloId,
      from_account_id: account('Olga'),
      to_account_id: account('Ada'),
      status: 'offered',
      expires_at: 'tomorrow',
      ended_at: null,
      ...values
    })
  )
/** An organization with its default team and the owner's membership, in one transaction. */
function founding(kind: 'company' | 'agency', owner: (typeof names)[number]): string {
  const [organization, defaultTeam] = [randomUUID(), randomUUID()]
  const part = kind === 'agency' ? { affiliation: 'non_exclusive', slots: '[900,901)' } : {}
  return [
    insert(
      'organizations',
      quoted({ id: organization, kind, owner_account_id: account(owner), default_team_id: defaultTeam, name: 'New' })
    ),
    insert('teams', quoted({ id: defaultTeam, organization_id: organization, name: 'All' })),
    membership({ organization_id: organization, kind, account_id: account(owner), source: 'founder', ...part })
  ].join('; ')
}

const ineligible = '23514 contracts_contact_eligible'
type Refused = [what: string, statements: string, reason: string | RegExp]

const contactGuard: Refused[] = [
  ['the membership of a contact deleted', `delete from memberships where id = '${member.Hugo}'`, /^23(001|503) contracts_contact$/],
  ['all members deleted', `delete from memberships where organization_id = '${company}'`, /^23(001|503) contracts_contact$/],
  ['a contact suspended', `update memberships set status = 'suspended' where id = '${member.Hugo}'`, ineligible],
  [
    'everybody suspended but the owner',
    `update memberships set status = 'suspended' where id <> '${member.Olga}' and organization_id = '${company}'`,
    ineligible
  ],
  [
    "a contact's membership given to somebody else",
    `update memberships set account_id = '${account('Nina')}' where id = '${member.Hugo}'`,
    ineligible
  ],
  ["a contact's grant deleted", `delete from role_grants where membership_id = '${member.Hugo}'`, ineligible],
  ["a contact's team grant deleted", `delete from role_grants where team_id = '${design}'`, ineligible],
  ["a contact's custom grant deleted", `delete from role_grants where custom_role = 'contact'`, ineligible],
  ["a contact's grant made another role", `update role_grants set role = 'recruiter' where membership_id = '${member.Hanna}'`, ineligible],
  [
    "a contact's grant made one of another team",
    `${insert('team_members', quoted({ organization_id: company, team_id: spare, membership_id: member.Hanna }))};
      update role_grants set team_id = '${spare}' where membership_id = '${member.Hanna}'`,
    ineligible
  ],
  [
    "a contact's grant given to another member",
    `update role_grants set membership_id = '${member.Mia}' where membership_id = '${member.Hugo}' and role = 'hiring_manager'`,
    ineligible
  ],
  [
    'a contact taken out of the team by whose role they are it',
    `delete from team_members where membership_id = '${member.Hanna}'`,
    '23514 contracts_contact_in_team'
  ],
  [
    'a contact taken out of the team, with a role for the whole company',
    `delete from team_members where membership_id = '${member.Hugo}'`,
    '23514 contracts_contact_in_team'
  ],
  [
    "a contact's place in the team made one in another",
    `delete from role_grants where membership_id = '${member.Hugo}' and team_id = '${design}';
      update team_members set team_id = '${spare}' where membership_id = '${member.Hugo}' and team_id = '${design}'`,
    '23514 contracts_contact_in_team'
  ],
  ['a team with active contracts hidden', `update teams set hidden_at = now() where id = '${design}'`, ineligible],
  [
    'the right taken out of a custom role',
    `update custom_roles set permissions = '{job.post}' where organization_id = '${company}'`,
    ineligible
  ],
  [
    'the owner changed, who is contact',
    `update organizations set owner_account_id = '${account('Mia')}' where id = '${company}'`,
    ineligible
  ],
  ['the company closed', `update organizations set status = 'closed', closed_at = now() where id = '${company}'`, ineligible],
  ...(['Mia', 'Sven'] as const).map((name): Refused => {
    const set = `contact_membership_id = '${member[name]}', contact_account_id = '${account(name)}'`
    return [`${name} made contact`, `update contracts set ${set} where id = 'k-hugo'`, ineligible]
  }),
  [
    'a hiring manager of one team made contact in another',
    `update contracts set contact_membership_id = '${member.Hanna}', contact_account_id = '${account('Hanna')}' where id = 'k-owner'`,
    ineligible
  ],
  ['the account of somebody else named', `update contracts set contact_account_id = '${account('Hanna')}' where id = 'k-hugo'`, ineligible],
  [
    'the contract moved to a team where the contact cannot be it',
    `update contracts set team_id = '${acmeTeam}' where id = 'k-hanna'`,
    ineligible
  ],
  ['the contract moved to a hidden team', `update contracts set team_id = '${hidden}' where id = 'k-hugo'`, ineligible],
  [
    'a contract with an ineligible contact',
    contract({ contact_membership_id: member.Mia, contact_account_id: account('Mia') }),
    ineligible
  ],
  [
    'a closed contract opened without an eligible contact',
    `${contract({ status: 'closed', contact_membership_id: null })}; update contracts set status = 'active', contact_membership_id = '${member.Mia}' where id = 'new'`,
    ineligible
  ],
  [
    'a contact of another company',
    contract({ contact_membership_id: soloMember.Olga, contact_account_id: account('Olga') }),
    '23503 contracts_contact'
  ],
  ['a team of another company', `update contracts set team_id = '${soloTeam}' where id = 'k-hugo'`, '23503 contracts_team'],
  [
    'a team with contracts deleted',
    `delete from role_grants; delete from team_members; delete from teams where id = '${design}'`,
    /^23503 /
  ]
]

const ownerAndTeams: Refused[] = [
  ["C-4: the owner's membership deleted", `delete from memberships where id = '${soloMember.Olga}'`, '23503 organizations_owner'],
  [
    "C-4: the owner's membership given to another",
    `update memberships set account_id = '${account('Mia')}' where id = '${soloMember.Olga}'`,
    '23503 organizations_owner'
  ],
  [
    'C-4: the owner suspended',
    `update memberships set status = 'suspended' where id = '${soloMember.Olga}'`,
    '23514 memberships_owner_active'
  ],
  ['C-4: no owner', `update organizations set owner_account_id = null where id = '${soloId}'`, '23502 organizations.owner_account_id'],
  [
    'C-4: an owner who is no member',
    `update organizations set owner_account_id = '${account('Mia')}' where id = '${soloId}'`,
    '23503 organizations_owner'
  ],
  [
    'C-4: an owner who is suspended',
    `update memberships set status = 'suspended' where id = '${soloMember.Ada}'; update organizations set owner_account_id = '${account('Ada')}' where id = '${soloId}'`,
    '23514 memberships_owner_active'
  ],
  ['C-4: a second owner, by a grant', grant({ role: 'owner' }), '23514 role_grants_role_known'],
  ['C-4: a second owner, by a custom role', customRole({ key: 'owner' }), '23514 custom_roles_key_free'],
  ['C-1: no default team', `update organizations set default_team_id = null where id = '${soloId}'`, '23502 organizations.default_team_id'],
  [
    'C-1: the default team of another company',
    `update organizations set default_team_id = '${acmeTeam}' where id = '${soloId}'`,
    '23503 organizations_default_team'
  ],
  [
    'C-1: an organization without owner and team',
    insert(
      'organizations',
      quoted({ id: randomUUID(), kind: 'company', owner_account_id: account('Olga'), default_team_id: randomUUID(), name: 'X' })
    ),
    /^23503 organizations_(owner|default_team)$/
  ],
  [
    'C-8: the default team hidden',
    `update teams set hidden_at = now() where id = '${uuid(solo.defaultTeamId)}'`,
    '23514 teams_default_shown'
  ],
  [
    'C-8: a hidden team made the default one',
    `update teams set hidden_at = now() where id = '${soloTeam}'; update organizations set default_team_id = '${soloTeam}' where id = '${soloId}'`,
    '23514 teams_default_shown'
  ],
  ['a second membership of one account', membership({ account_id: account('Hugo') }), '23505 memberships_one_per_account'],
  [
    'two teams of one name',
    insert('teams', quoted({ id: randomUUID(), organization_id: company, name: 'DESIGN' })),
    '23505 teams_one_name'
  ],
  ['a grant given twice', grant({ role: 'recruiter' }), '23505 role_grants_once'],
  ['O-1: a second open transfer', `${transfer({})}; ${transfer({})}`, '23505 ownership_transfers_one_open'],
  [
    'C-2: a member of one company in a team of another',
    insert('team_members', quoted({ organization_id: company, team_id: soloTeam, membership_id: member.Mia })),
    '23503 team_members_team'
  ],
  [
    'C-2: a member of another company in a team',
    insert('team_members', quoted({ organization_id: company, team_id: spare, membership_id: soloMember.Ada })),
    '23503 team_members_membership'
  ],
  [
    'C-2: a grant for a member of another company',
    grant({ membership_id: soloMember.Ada, role: 'recruiter' }),
    '23503 role_grants_membership'
  ],
  [
    'C-2: a custom role of another company',
    grant({ organization_id: soloId, membership_id: soloMember.Ada, custom_role: 'contact' }),
    '23503 role_grants_custom_role'
  ],
  ['a role in a team that one is not in', grant({ team_id: spare, role: 'recruiter' }), '23503 role_grants_team_member'],
  [
    'a custom role deleted that somebody has',
    `delete from custom_roles where organization_id = '${company}'`,
    '23503 role_grants_custom_role'
  ]
]

const agencies: Refused[] = [
  [
    'G-2: exclusive while in another agency',
    `update memberships set affiliation = 'exclusive', slots = '(,)' where id = '${agent.FinnWest}'`,
    '23P01 memberships_exclusive_elsewhere'
  ],
  [
    'G-2: another agency while exclusive',
    agencyMembership(westId, 'Fay', 'non_exclusive', '[7001,7002)'),
    '23P01 memberships_exclusive_elsewhere'
  ],
  ['G-2: exclusive twice', agencyMembership(westId, 'Fay', 'exclusive', '(,)'), '23P01 memberships_exclusive_elsewhere'],
  [
    'G-2: exclusive without taking all',
    `update memberships set affiliation = 'exclusive' where id = '${agent.Nina}'`,
    '23514 memberships_slots_of_affiliation'
  ],
  [
    'G-1: the profile of an owner closed',
    `update freelancer_profiles set status = 'closed', closed_at = now() where account_id = '${account('Otto')}'`,
    '23514 freelancer_profiles_needed'
  ],
  [
    'G-1: the profile of a freelancer deleted',
    `delete from freelancer_profiles where account_id = '${account('Fay')}'`,
    '23514 freelancer_profiles_needed'
  ],
  [
    'G-1: the role freelancer without a profile',
    grant({ organization_id: nordId, kind: 'agency', membership_id: agent.Nina, role: 'freelancer' }),
    '23514 freelancer_profiles_needed'
  ],
  [
    'G-1: a role made freelancer without a profile',
    `update role_grants set role = 'freelancer' where membership_id = '${agent.Nina}'`,
    '23514 freelancer_profiles_needed'
  ],
  [
    'G-1: an agency given to somebody without a profile',
    `update organizations set owner_account_id = '${account('Nina')}' where id = '${nordId}'`,
    '23514 freelancer_profiles_needed'
  ],
  ['G-1: an agency founded without a profile', founding('agency', 'Olga'), '23514 freelancer_profiles_needed'],
  ['G-1: a second agency', founding('agency', 'Otto'), '23505 organizations_one_owned_agency'],
  [
    'G-3: exclusive with independent proposals',
    `update memberships set affiliation = 'exclusive', slots = '(,)' where organization_id = '${westId}' and account_id = '${account('Berta')}'`,
    '23514 memberships_independent_work'
  ],
  [
    'G-3: joining as exclusive with independent contracts',
    `delete from proposals; delete from memberships where id in ('${agent.FinnWest}', '${agent.Finn}'); ${agencyMembership(westId, 'Finn', 'exclusive', '(,)')}`,
    '23514 memberships_independent_work'
  ],
  ['G-4: leaving with a contract', `delete from memberships where id = '${agent.Fay}'`, '23514 memberships_agency_work'],
  ['G-4: leaving with an open proposal', `delete from memberships where id = '${agent.Finn}'`, '23514 memberships_agency_work'],
  ['G-4: leaving with an archived proposal', `delete from memberships where id = '${agent.FinnWest}'`, '23514 memberships_agency_work'],
  [
    'a company membership in an agency',
    membership({ organization_id: nordId, account_id: account('Mia') }),
    '23503 memberships_organization'
  ],
  [
    'a company role in an agency',
    grant({ organization_id: nordId, membership_id: agent.Nina, role: 'recruiter' }),
    '23503 role_grants_organization'
  ],
  ['a custom role of an agency', customRole({ organization_id: nordId }), '23503 custom_roles_company'],
  ['a company made an agency', `update organizations set kind = 'agency' where id = '${soloId}'`, /^23(503|514) /]
]

const checks: Refused[] = [
  ['', `update organizations set kind = 'guild', plan = 'basic' where id = '${soloId}'`, '23514 organizations_kind_known'],
  ['', `update organizations set status = 'paused' where id = '${soloId}'`, '23514 organizations_status_known'],
  ['', `update organizations set closed_at = now() where id = '${soloId}'`, '23514 organizations_closed_has_time'],
  ['without its time', `update organizations set status = 'closed' where id = '${soloId}'`, '23514 organizations_closed_has_time'],
  ['', `update organizations set plan = 'business' where id = '${nordId}'`, '23514 organizations_plan_known'],
  ['of no plan', `update organizations set plan = 'free' where id = '${soloId}'`, '23514 organizations_plan_known'],
  ['', `update organizations set legal_name = 'Nord Ltd' where id = '${nordId}'`, '23514 organizations_company_details'],
  ['', `update organizations set tagline = 'We hire' where id = '${soloId}'`, '23514 organizations_agency_details'],
  ['', `update memberships set status = 'ended' where id = '${member.Mia}'`, '23514 memberships_status_known'],
  ['', membership({ source: 'magic' }), '23514 memberships_source_known'],
  ['', `update memberships set ends_when_clear = 'soon' where id = '${member.Mia}'`, '23514 memberships_ends_when_clear_known'],
  ['', `update memberships set affiliation = 'exclusive' where id = '${member.Mia}'`, '23514 memberships_affiliation_in_agencies'],
  ['in an agency', `update memberships set affiliation = null where id = '${agent.Nina}'`, '23514 memberships_affiliation_in_agencies'],
  ['', `update memberships set affiliation = 'loose' where id = '${agent.Nina}'`, '23514 memberships_affiliation_known'],
  ['', `update memberships set slots = null where id = '${agent.Nina}'`, '23514 memberships_slots_while_open'],
  [
    'an exclusive one',
    `update memberships set affiliation = 'exclusive', slots = null where id = '${agent.Nina}'`,
    '23514 memberships_exclusive_has_slots'
  ],
  ['', `update memberships set source = 'import' where id = '${agent.Nina}'`, '23514 memberships_agency_by_invitation'],
  ['in a company', `update memberships set slots = '[1,2)' where id = '${member.Mia}'`, '23514 memberships_slots_in_agencies'],
  ['', `update memberships set slots = '(,)' where id = '${agent.Nina}'`, '23514 memberships_slots_of_affiliation'],
  ['empty', `update memberships set slots = 'empty' where id = '${agent.Nina}'`, '23514 memberships_slots_of_affiliation'],
  ['half of all', `update memberships set slots = '[5,)' where id = '${agent.Nina}'`, '23514 memberships_slots_of_affiliation'],
  [
    '',
    insert('ended_memberships', {
      ...quoted({
        id: randomUUID(),
        organization_id: company,
        account_id: account('Nina'),
        source: 'import',
        reason: 'bored',
        ended_by_kind: 'system'
      }),
      joined_at: 'now()'
    }),
    '23514 ended_memberships_reason_known'
  ],
  ['', customRole({ kind: 'agency' }), '23514 custom_roles_company_only'],
  ['', customRole({ key: 'Free' }), '23514 custom_roles_key_form'],
  ['of an agency', customRole({ key: 'freelancer' }), '23514 custom_roles_key_free'],
  ['', customRole({ permissions: '{job.post,team.hide}' }), '23514 custom_roles_not_owners_own'],
  ['edited', `update custom_roles set permissions = '{contract.contact,ownership.transfer}'`, '23514 custom_roles_not_owners_own'],
  ['none', grant({}), '23514 role_grants_one_role'],
  ['two', grant({ role: 'member', custom_role: 'contact' }), '23514 role_grants_one_role'],
  ['of an agency', grant({ role: 'business_manager' }), '23514 role_grants_role_known'],
  ['', grant({ team_id: design, role: 'finance' }), '23514 role_grants_finance_whole'],
  ['', transfer({ status: 'lost', ended_at: 'now' }), '23514 ownership_transfers_status_known'],
  ['', transfer({ ended_at: 'now' }), '23514 ownership_transfers_ended'],
  ['', contract({ status: 'paused', contact_membership_id: null }), '23514 contracts_status_known'],
  ['', contract({ contact_membership_id: null }), '23514 contracts_contact_while_active'],
  ['closed', contract({ status: 'closed' }), '23514 contracts_contact_while_active'],
  ['', proposal('lost'), '23514 proposals_status_known']
]

const tables = [
  'organizations',
  'teams',
  'memberships',
  'ended_memberships',
  'team_members',
  'custom_roles',
  'role_grants',
  'ownership_transfers',
  'contracts',
  'proposals'
]
const everything = async () =>
  Promise.all([...tables, 'freelancer_profiles'].map((table) => world.sql(`select r::text from ${table} r order by 1`)))

/** What the database says to statements in one transaction. */
async function attempt(client: pg.Client, statements: string, end: 'commit' | 'rollback' = 'commit'): Promise<string> {
  try {
    await client.query('begin')
    await client.query(statements)
    if (end === 'rollback') await client.query('set constraints all immediate')
    await client.query(end)
    return 'committed'
  } catch (error) {
    await client.query('rollback')
    const { code, constraint, table, column } = error as pg.DatabaseError
    return `${code} ${constraint ?? `${table}.${column}`}`
  }
}

async function refuseAll(t: Test, list: Refused[]): Promise<void> {
  const before = await everything()
  for (const [what, statements, reason] of list) {
    const said = await attempt(one, statements)
    const name = `${reason} ${what}`
    if (typeof reason === 'string') t.equal(said, reason, name)
    else t.match(said, reason, name)
  }
  t.strictSame(await everything(), before, 'nothing was changed')
}

t.test('K-1: the database keeps the contact of an active contract, whatever statement comes', (t) => refuseAll(t, contactGuard))

t.test('K-1: a single statement outside any transaction is refused as well', async (t) => {
  const before = await everything()
  for (const [what, statements] of contactGuard) {
    const said = await world.asService(statements).then(
      () => 'done',
      (error: pg.DatabaseError) => error.code
    )
    t.match(said, /^23/, what)
  }
  t.strictSame(await everything(), before)
})

t.test('K-1: what is put right before the transaction ends is allowed', async (t) => {
  const toHugo = `contact_membership_id = '${member.Hugo}', contact_account_id = '${account('Hugo')}'`
  const toRita = `contact_membership_id = '${member.Rita}', contact_account_id = '${account('Rita')}'`
  const fixed: Array<[string, string]> = [
    [
      'grant and contact',
      `delete from role_grants where membership_id = '${member.Hanna}'; update contracts set ${toHugo} where id = 'k-hanna'`
    ],
    [
      'grant and grant',
      `delete from role_grants where membership_id = '${member.Hanna}'; ${grant({ membership_id: member.Hanna, role: 'hiring_manager' })}`
    ],
    [
      'suspended and resumed',
      `update memberships set status = 'suspended' where id = '${member.Hugo}'; update memberships set status = 'active' where id = '${member.Hugo}'`
    ],
    [
      'contact, then membership',
      `update contracts set ${toHugo} where id = 'k-hanna'; delete from memberships where id = '${member.Hanna}'`
    ],
    [
      'out of the team and in again',
      `delete from team_members where membership_id = '${member.Hugo}'; ${insert('team_members', quoted({ organization_id: company, team_id: design, membership_id: member.Hugo }))}`
    ],
    [
      'team and contracts',
      `update teams set hidden_at = now() where id = '${design}'; update contracts set team_id = '${spare}', ${toRita} where team_id = '${design}'`
    ],
    ['custom role and contact', `update custom_roles set permissions = '{}'; update contracts set ${toRita} where id = 'k-cora'`],
    [
      'owner and grant',
      `update organizations set owner_account_id = '${account('Mia')}' where id = '${company}'; ${grant({ membership_id: member.Olga, role: 'hiring_manager' })}`
    ],
    [
      'company and contracts',
      `update organizations set status = 'closed', closed_at = now() where id = '${company}'; update contracts set status = 'closed', contact_membership_id = null`
    ],
    [
      'contact to and fro',
      `update contracts set contact_membership_id = '${member.Mia}' where id = 'k-hugo'; update contracts set ${toHugo} where id = 'k-hugo'`
    ]
  ]
  const before = await everything()
  for (const [what, statements] of fixed) t.equal(await attempt(one, statements, 'rollback'), 'committed', what)
  t.strictSame(await everything(), before)
  // Once for good: the end of the transaction says the same.
  t.equal(await attempt(one, fixed[0]![1]), 'committed')
  await world.sql(
    `insert into role_grants (organization_id, kind, membership_id, team_id, role) values ($1, 'company', $2, $3, 'hiring_manager')`,
    [company, member.Hanna, design]
  )
  await world.sql(`update contracts set contact_membership_id = $1, contact_account_id = $2 where id = 'k-hanna'`, [
    member.Hanna,
    account('Hanna')
  ])
})

t.test('C-1 C-2 C-4 C-8 O-1: the database keeps owner, teams and companies apart', (t) => refuseAll(t, ownerAndTeams))

t.test('C-4 O-2: the owner changes to an active member, and the old one may go in the same transaction', async (t) => {
  const handOver = `update organizations set owner_account_id = '${account('Ada')}' where id = '${soloId}'`
  for (const more of [
    `delete from memberships where id = '${soloMember.Olga}'`,
    `update memberships set status = 'suspended' where id = '${soloMember.Olga}'`
  ]) {
    t.equal(await attempt(one, `${more}; ${handOver}`, 'rollback'), 'committed')
  }
  t.equal(await attempt(one, founding('company', 'Nina'), 'rollback'), 'committed')
})

t.test('G-1 G-2 G-3 G-4: the database keeps what agencies rest on', (t) => refuseAll(t, agencies))

t.test('every check of these tables refuses what it is for', async (t) => {
  await refuseAll(t, checks)
  const named = await world.sql<{ name: string }>(
    `select conname as name from pg_constraint where contype = 'c' and conrelid = any($1::regclass[]) order by 1`,
    [tables]
  )
  const tried = new Set([...checks, ...ownerAndTeams, ...agencies].map(([, , reason]) => String(reason).split(' ')[1]))
  t.strictSame(
    named.filter(({ name }) => !tried.has(name)),
    [],
    'none was left out'
  )
  t.ok(named.length > 25)
})

const isWaiting = async () =>
  (await world.sql(`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)).length > 0

/** One transaction has done its work and its checks, another comes before it ends. Answers what the second is told. */
async function race(first: string, second: string): Promise<string> {
  await one.query('begin')
  await one.query(first)
  await one.query('set constraints all immediate')
  let done = false
  const late = attempt(two, second).finally(() => {
    done = true
  })
  while (!done && !(await isWaiting())) await delay(2)
  // Two that both stand wait for nothing: only the second's end is looked at then.
  await one.query('commit')
  return late
}

const races: Array<{ what: string; take: string; back: string; give: string; undo?: string }> = [
  {
    what: 'a grant deleted',
    take: `delete from role_grants where membership_id = '${member.Rita}'`,
    back: grant({ membership_id: member.Rita, role: 'hiring_manager' }),
    give: contract({ contact_membership_id: member.Rita, contact_account_id: account('Rita') })
  },
  {
    what: 'the contact suspended',
    take: `update memberships set status = 'suspended' where id = '${member.Rita}'`,
    back: `update memberships set status = 'active' where id = '${member.Rita}'`,
    give: contract({ contact_membership_id: member.Rita, contact_account_id: account('Rita') })
  },
  {
    what: 'a team hidden',
    take: `update teams set hidden_at = now() where id = '${spare}'`,
    back: `update teams set hidden_at = null where id = '${spare}'`,
    give: contract({ team_id: spare })
  },
  {
    what: 'a custom role edited',
    take: `update custom_roles set permissions = '{}' where organization_id = '${soloId}'`,
    back: `update custom_roles set permissions = '{contract.contact}' where organization_id = '${soloId}'`,
    give: contract({ company_id: soloId, team_id: soloTeam, contact_membership_id: soloMember.Ada, contact_account_id: account('Ada') })
  },
  {
    what: 'the company closed',
    take: `update organizations set status = 'closed', closed_at = now() where id = '${soloId}'`,
    back: `update organizations set status = 'active', closed_at = null where id = '${soloId}'`,
    give: contract({ company_id: soloId, team_id: soloTeam, contact_membership_id: soloMember.Olga, contact_account_id: account('Olga') })
  },
  {
    what: 'the owner changed',
    take: `update organizations set owner_account_id = '${account('Ada')}' where id = '${soloId}'`,
    back: `update organizations set owner_account_id = '${account('Olga')}' where id = '${soloId}'`,
    give: contract({ company_id: soloId, team_id: soloTeam, contact_membership_id: soloMember.Olga, contact_account_id: account('Olga') })
  },
  {
    what: 'C-4: the next owner suspended',
    take: `update memberships set status = 'suspended' where id = '${soloMember.Ada}'`,
    back: `update memberships set status = 'active' where id = '${soloMember.Ada}'`,
    give: `update organizations set owner_account_id = '${account('Ada')}' where id = '${soloId}'`,
    undo: `update organizations set owner_account_id = '${account('Olga')}' where id = '${soloId}'`
  },
  {
    what: 'C-8: the next default team hidden',
    take: `update teams set hidden_at = now() where id = '${soloTeam}'`,
    back: `update teams set hidden_at = null where id = '${soloTeam}'`,
    give: `update organizations set default_team_id = '${soloTeam}' where id = '${soloId}'`,
    undo: `update organizations set default_team_id = '${uuid(solo.defaultTeamId)}' where id = '${soloId}'`
  },
  {
    what: 'G-1: the profile closed',
    take: `update freelancer_profiles set status = 'closed', closed_at = now() where account_id = '${account('Ada')}'`,
    back: `update freelancer_profiles set status = 'active', closed_at = null where account_id = '${account('Ada')}'`,
    give: grant({ organization_id: nordId, kind: 'agency', membership_id: agent.Ada, role: 'freelancer' }),
    undo: `delete from role_grants where membership_id = '${agent.Ada}' and role = 'freelancer'`
  },
  {
    what: 'the membership deleted',
    take: `delete from memberships where id = '${soloMember.Ada}'`,
    back: `${membership({ id: soloMember.Ada, organization_id: soloId, account_id: account('Ada') })}; ${grant({ organization_id: soloId, membership_id: soloMember.Ada, custom_role: 'contact' })};
      ${grant({ organization_id: soloId, membership_id: soloMember.Ada, role: 'admin' })};
      ${insert('team_members', quoted({ organization_id: soloId, team_id: uuid(solo.defaultTeamId), membership_id: soloMember.Ada }))}`,
    give: contract({ company_id: soloId, team_id: soloTeam, contact_membership_id: soloMember.Ada, contact_account_id: account('Ada') })
  }
]

t.test('K-1 K-6 C-4 C-8 G-1 at once: of two transactions that cannot both be, the second is refused', async (t) => {
  await world.sql(
    `insert into custom_roles (organization_id, key, name, description, permissions) values ($1, 'contact', 'C', 'C', '{contract.contact}')`,
    [soloId]
  )
  await world.sql(grant({ organization_id: soloId, membership_id: soloMember.Ada, custom_role: 'contact' }))
  for (const { what, take, back, give, undo = `delete from contracts where id = 'new'` } of races) {
    const before = await everything()
    t.match(await race(take, give), /^23/, `${what}, then the other`)
    await world.sql(back)
    t.match(await race(give, take), /^23/, `the other, then: ${what}`)
    await world.sql(undo)
    t.equal((await everything()).flat().length, before.flat().length, 'as it was')
  }
})

t.test('the service may not lift what guards these tables', async (t) => {
  for (const statement of [
    'alter table contracts disable trigger all',
    'alter table role_grants disable trigger role_grants_contact_eligible',
    'alter table memberships drop constraint memberships_exclusive_elsewhere',
    'drop function contract_contact_eligible',
    'drop trigger contracts_contact_eligible on contracts',
    'truncate contracts',
    'truncate memberships cascade',
    'set session_replication_role = replica'
  ]) {
    t.match(await attempt(one, statement), /^42501 /, statement)
  }
})
