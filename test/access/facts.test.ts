import t from 'tap'
import { candidateStatements } from '../../src/access/candidates.ts'
import { evaluateAll } from '../../src/access/evaluate.ts'
import { answerRequest } from '../../src/access/evaluations.ts'
import { type Freshness, present, readFacts } from '../../src/access/facts.ts'
import { factsStatement, factsValues } from '../../src/access/facts-statement.ts'
import { plainStatements } from '../../src/access/plain-statements.ts'
import { readConsistencyToken } from '../../src/http/consistency.ts'
import { parseId, publicId } from '../../src/http/ids.ts'
import { generateKey, parseKeyring } from '../../src/keyring.ts'
import type { Question, Resource } from '../../src/permissions/answer.ts'
import { askingService, type Found } from '../support/access.ts'
import { inForce } from '../support/enforcement.ts'
import { organizations } from '../support/organizations.ts'
import { openWorld, type Person } from '../support/world.ts'

/** One instance keeps facts, the other keeps none: whatever is read is the same on both. */
const world = await openWorld(t, { instances: 2, each: [{}, { FACT_CACHE_ENTRIES: 0 }] })
const [keeping] = world.allParts
const anyTime: Freshness = { full: false, atLeast: undefined }
const { found, freelance, join, team, send, ok } = organizations(world)
const [olga, hana, sam] = (await Promise.all(['Olga', 'Hana', 'Sam'].map((name) => world.person(name)))) as [Person, Person, Person]
for (const person of [olga, hana]) await freelance(person)
const company = await found(olga)
const agency = await found(hana, 'agency')
await join(agency, olga, [{ role: 'freelancer' }])
const design = await team(company, 'Design')
const print = await team(company, 'Print')
await ok(send('POST', `${company.url}/roles`, olga, { key: 'poster', name: 'Poster', description: 'Posts.', permissions: ['job.post'] }))
await join(company, hana, [{ role: 'hiring_manager', teamId: design }, { role: 'recruiter', teamId: print }, { role: 'poster' }])

const account = (person: Person): string => parseId('account', person.accountId)!
const about = (person: Person, resource: Resource, more: Partial<Question> = {}): Question => ({
  accountId: account(person),
  permission: 'offer.send',
  resource,
  ...more
})
const whole: Resource = { type: 'company', id: parseId('company', company.id)! }
const inTeam: Resource = { type: 'team', id: parseId('team', design)! }
const everyKind: Question[] = [
  about(hana, whole),
  about(hana, inTeam, { counterparty: { type: 'agency', id: parseId('agency', agency.id)! } }),
  about(hana, { type: 'contract', id: 'contract-1' }, { counterparty: { type: 'account', id: account(olga) } }),
  about(hana, { type: 'conversation', id: 'conversation-1' }),
  about(hana, { type: 'account', id: account(olga) }),
  about(
    olga,
    { type: 'account', id: account(olga) },
    { delegation: { managerId: account(hana), agencyId: parseId('agency', agency.id)! } }
  ),
  about(sam, whole),
  { accountId: null, permission: 'offer.send', resource: { type: 'team', id: null } }
]

t.test('Q-2: one look has all that a decision depends on: states, roles of every team with what custom ones hold, versions', async (t) => {
  const [scene] = await readFacts(world.parts, [about(hana, inTeam), about(hana, whole)], present)
  t.match(scene!.person, { freelancer: true, exclusive: false })
  // A plain question that is asked alone does not depend on profile and teams, and so they are not looked up.
  const plain = { ...scene!, person: { ...scene!.person!, freelancer: false }, place: { ...scene!.place!, teamIds: [] } }
  const [ofTeam, ofCompany] = [about(hana, inTeam), about(hana, whole)]
  for (const parts of world.allParts)
    for (const freshness of [present, anyTime, anyTime]) {
      t.strictSame(await readFacts(parts, [ofTeam], freshness), [plain], 'the same by itself, and from what is kept')
      t.strictSame(await readFacts(parts, [ofCompany], freshness), [{ ...plain, place: { ...plain.place, teamId: null } }])
    }
  t.ok(keeping!.facts.pairs.counts.hits > 0, 'some of it was')
  const { person, teamIds, ...place } = scene!.place!
  t.match(place, {
    teamId: inTeam.id,
    organization: { id: whole.id, kind: 'company', status: 'active', enforcement: 'none', requireSecondFactor: false }
  })
  t.strictSame(person, {
    accountId: account(hana),
    accountStatus: 'active',
    enforcement: 'none',
    secondFactor: false,
    membershipStatus: 'active',
    affiliation: null,
    owner: false,
    grants: [
      { role: 'poster', teamId: null, permissions: ['job.post'] },
      { role: 'hiring_manager', teamId: inTeam.id },
      { role: 'recruiter', teamId: parseId('team', print)! }
    ]
  })
  t.strictSame([...teamIds].sort(), [inTeam.id, parseId('team', print)!].sort())
  const [row] = await world.sql<{ account: number; organization: number }>(
    `select (select version::int from accounts where id = $1) as account, (select version::int from organizations where id = $2) as organization`,
    [account(hana), whole.id]
  )
  t.strictSame(Object.fromEntries(scene!.versions), {
    [`account:${account(hana)}`]: row!.account,
    [`organization:${whole.id}`]: row!.organization
  })
})

t.test('Q-5: to a stranger a scene tells no version of what there is', async (t) => {
  for (const parts of world.allParts)
    for (const freshness of [present, anyTime, anyTime]) {
      const [scene] = await readFacts(parts, [about(sam, whole)], freshness)
      t.strictSame([...scene!.versions.keys()], [`account:${account(sam)}`])
    }
})

t.test('Q-7: any number of questions is one statement, and so one snapshot', async (t) => {
  for (const parts of world.allParts) {
    const sent: string[] = []
    const { pipeline } = parts.db
    const noting: typeof pipeline.run = (statement, values) => {
      sent.push(statement.name)
      return pipeline.run(statement, values)
    }
    const noted = { ...parts, db: { ...parts.db, pipeline: { ...pipeline, run: noting } } }
    const answers = await evaluateAll(noted, [...everyKind, ...everyKind])
    t.strictSame([sent, answers.length], [['access_facts'], 2 * everyKind.length])
    await evaluateAll(noted, [])
    t.equal(sent.length, 1, 'and of none, none')
    t.strictSame(
      (await evaluateAll(noted, [...everyKind, ...everyKind], anyTime)).map(({ decision }) => decision),
      answers.map(({ decision }) => decision)
    )
    t.equal(sent.length, 2, 'nor is it more where some of them are kept')
  }
})

/** Many others, put beside in one go: their owners and teams are of no interest here. */
async function crowd(people: number): Promise<void> {
  await world.sql(`
    begin;
    set local session_replication_role = replica;
    create temporary table crowd on commit drop as
      select n, gen_random_uuid() as account, gen_random_uuid() as member, gen_random_uuid() as company, gen_random_uuid() as team from generate_series(1, ${people}) n;
    insert into accounts select (jsonb_populate_record(a, jsonb_build_object('id', c.account))).* from crowd c, accounts a where a.id = '${account(sam)}';
    insert into organizations select (jsonb_populate_record(o, jsonb_build_object('id', c.company, 'default_team_id', c.team, 'owner_account_id', c.account))).*
      from crowd c, organizations o where o.id = '${whole.id}';
    insert into teams (id, organization_id, name) select team, company, 'General' from crowd;
    insert into memberships (id, organization_id, kind, account_id, source) select member, company, 'company', account, 'founder' from crowd;
    insert into memberships (id, organization_id, kind, account_id, source) select gen_random_uuid(), '${whole.id}', 'company', account, 'invitation' from crowd;
    insert into team_members (organization_id, team_id, membership_id) select company, team, member from crowd;
    insert into role_grants (organization_id, kind, membership_id, team_id, role) select company, 'company', member, team, 'recruiter' from crowd;
    insert into custom_roles (organization_id, key, name, description, permissions) select company, 'poster', 'Poster', 'Posts.', '{job.post}' from crowd;
    insert into freelancer_profiles select (jsonb_populate_record(p, jsonb_build_object('account_id', c.account))).* from crowd c, freelancer_profiles p
      where p.account_id = '${account(hana)}';
    insert into second_factors select (jsonb_populate_record(null::second_factors, jsonb_build_object('account_id', account, 'confirmed_at', now(),
      'sealed_secret', '\\x00', 'key_id', 'k', 'created_at', now(), 'last_step', 0))).* from crowd;
    insert into contracts (id, version, body_hash, company_id, team_id, contact_account_id, contact_membership_id, freelancer_account_id, status)
      select 'contract-' || n, 1, '\\x00', company, team, account, member, account, 'active' from crowd;
    insert into conversations (id, version, body_hash, company_id, team_id, status) select 'conversation-' || n, 1, '\\x00', company, team, 'open' from crowd;
    insert into conversation_participants (conversation_id, company_id, account_id, membership_id, level)
      select 'conversation-' || n, company, account, member, 'full' from crowd;
    commit`)
  await world.sql('analyze')
}

/** Every node of a plan, as `kind on relation`. */
function nodesOf(plan: Record<string, unknown>): string[] {
  const own = `${plan['Node Type']} on ${plan['Relation Name'] ?? plan['Function Name'] ?? '-'}`
  return [own, ...((plan.Plans ?? []) as Array<Record<string, unknown>>).flatMap(nodesOf)]
}

t.test('Q-4: facts are found by indexes alone, however many others there are, prepared or not', async (t) => {
  await crowd(4000)
  const { text } = factsStatement
  type Plan = Array<{ 'QUERY PLAN': Array<{ Plan: Record<string, unknown> }> }>
  const plans = {
    prepared: await world.sql(`explain (generic_plan, format json) ${text}`),
    one: await world.sql(`explain (format json) ${text}`, factsValues(everyKind.slice(0, 1))),
    many: await world.sql(`explain (format json) ${text}`, factsValues(everyKind))
  } as unknown as Record<string, Plan>
  for (const { name, text } of [...plainStatements, ...candidateStatements])
    plans[name] = (await world.sql(`explain (generic_plan, format json) ${text}`)) as unknown as Plan
  for (const [name, found] of Object.entries(plans)) {
    const nodes = nodesOf(found[0]!['QUERY PLAN'][0]!.Plan)
    const tables = nodes.filter((node) => / on [a-z_]+$/.test(node) && !/^(Function|Values|CTE) Scan/.test(node))
    t.ok(tables.length >= (name.startsWith('access') ? 1 : 15), `${name}: ${tables.length} tables are looked at`)
    t.strictSame(
      tables.filter((node) => !/^(Index|Index Only|Bitmap Heap) Scan on /.test(node)),
      [],
      name
    )
  }
  const before = await evaluateAll(world.parts, everyKind)
  for (const parts of world.allParts) {
    const after = await evaluateAll(parts, [...everyKind, ...everyKind], anyTime)
    t.strictSame(
      after.map(({ decision }) => decision),
      [...before, ...before].map(({ decision }) => decision)
    )
  }
  // A test that could not fail would prove nothing: without its indexes the same is seen.
  const seen = nodesOf(
    ((await world.sql(`explain (format json) select from memberships where affiliation = 'exclusive'`)) as unknown as Plan)[0]![
      'QUERY PLAN'
    ][0]!.Plan
  )
  t.match(seen, [/Seq Scan on memberships/])
})

t.test(
  'Q-3: the token of an answer is of the keys of who answers, though another of the same name has signed the same state',
  async (t) => {
    const { config } = world.parts
    const { keyring } = parseKeyring(generateKey(config.keys.currentId)) as { keyring: typeof config.keys }
    const request = {
      subject: { type: 'account', id: hana.accountId },
      action: 'offer.send',
      resource: { type: 'company', id: company.id },
      context: {}
    }
    const asker = { kind: 'service', clientId: '', scopes: [] } as const
    for (const keys of [config.keys, keyring, config.keys]) {
      const { token } = await answerRequest({ ...world.parts, config: { ...config, keys } }, asker, request, present)
      t.ok(readConsistencyToken(keys, token!).has(`account:${account(hana)}`))
    }
  }
)

t.test('Q-9: a search is complete, however many there are, by short pages where little is found among them', async (t) => {
  const { search, post, account: entity } = await askingService(world)
  const subjects = { subject: { type: 'account' }, action: { name: 'company.read' }, resource: { type: 'company', id: company.id } }
  const members = await world.sql<{ id: string }>('select account_id as id from memberships where organization_id = $1', [whole.id])
  const all = await search('subject', subjects)
  t.ok(members.length > 4000)
  t.strictSame(all.sort(), members.map(({ id }) => publicId('account', id)).sort())
  const mine = { subject: entity(olga), action: { name: 'team.read' }, resource: { type: 'team' } }
  await world.sql(
    `insert into teams (id, organization_id, name) select gen_random_uuid(), $1, 'Team ' || n from generate_series(1, 300) n`,
    [whole.id]
  )
  t.equal((await search('resource', mine)).length, 300 + 3 + 1, 'of the company with its default team, and of the agency')

  await world.sql(`update accounts set ${inForce('banned')} where id not in ($1, $2)`, [account(olga), account(hana)])
  await world.settled()
  const pages: number[] = []
  let token = ''
  const found: string[] = []
  do {
    const { results, page } = (await post('search/subject', { ...subjects, page: token ? { token } : {} })).json() as Found
    pages.push(results.length)
    found.push(...results.map(({ id }) => id!))
    token = page.next_token
  } while (token)
  t.strictSame(found.sort(), [olga, hana].map(({ accountId }) => accountId).sort())
  t.ok(pages.length > 1, `${pages.length} pages`)
})
