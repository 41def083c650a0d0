import type { SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import pg from 'pg'
import t, { type Test } from 'tap'
import { parseId, publicId } from '../../src/http/ids.ts'
import { type ListMembers, listMembers } from '../../src/organizations/member-list.ts'
import { companyFace } from '../../src/organizations/organizations.ts'
import type { Parts } from '../../src/parts.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { databaseUrl, long, openWorld, type Person } from '../support/world.ts'

interface Shown {
  id: string
  firstName: string
  owner: boolean
  status: string
  source: string
  grants: object[]
  teams: Array<{ id: string }>
}

const world = await openWorld(t, { instances: 2 })
const { send, ok, found, join, team, setRoles } = organizations(world)
const people: Record<string, Person> = {}
for (const name of ['Olga', 'Ana', 'Tia', 'Rita', 'Mo', 'Sue', 'Hank', 'Bea']) people[name] = await world.person(name)
const the = (name: string): Person => people[name]!
const odd = [
  await world.person('Per_cent', { email: 'fifty_off@example.com' }),
  await world.person('Perfect', { email: 'fifty.off@example.com' })
]
const rename = (person: Person, firstName: string, lastName: string) =>
  world.sql('update accounts set first_name = $2, last_name = $3 where id = $1', [
    parseId('account', person.accountId),
    firstName,
    lastName
  ])

const company = await found(the('Olga'))
const design = await team(company, 'Design')
const sales = await team(company, 'Sales')
const attic = await team(company, 'Attic')
await ok(
  send('POST', `${company.url}/roles`, the('Olga'), { key: 'poster', name: 'Poster', description: 'Posts.', permissions: ['job.post'] })
)
await join(company, the('Ana'), [{ role: 'admin' }], { source: 'join_link' })
await join(company, the('Tia'), [{ role: 'admin', teamId: design }])
await join(company, the('Rita'), [
  { role: 'recruiter', teamId: design },
  { role: 'recruiter', teamId: sales }
])
await join(company, the('Mo'), [{ role: 'member', teamId: sales }], { source: 'domain' })
const sue = await join(company, the('Sue'), [{ role: 'poster' }, { role: 'poster', teamId: attic }])
await ok(send('POST', `${company.url}/members/${sue}/suspension`, the('Olga'), {}))
const hank = await join(company, the('Hank'))
await rename(the('Mo'), 'Moritz 100% Karl', 'von Ahn')
await rename(the('Hank'), 'Hank', 'O’Brien_Jr')
const other = await found(the('Bea'))
const foreignTeam = await team(other, 'Theirs')

const list = (query = '', by = the('Olga'), place: Pick<Place, 'url'> = company) => send('GET', `${place.url}/members${query}`, by)
const items = async (query = '', by = the('Olga'), place: Pick<Place, 'url'> = company): Promise<Shown[]> =>
  ((await ok(list(query, by, place))).json() as { items: Shown[] }).items
const names = async (query = '', by = the('Olga')): Promise<string[]> =>
  (await items(query, by)).map(({ firstName }) => firstName.split(' ')[0]!)
const text = (words: string) => `?text=${encodeURIComponent(words)}`

const big = await found(the('Hank'))
const bigId = parseId('company', big.id)!
const reader = the('Mo')
await join(big, reader)
const readerId = parseId('account', reader.accountId)!
const uuid = (kind: string, n: string) => `('01900000-0000-7${kind}-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`
const everyTenth = 10
// Ten thousand members of one company, beside as many accounts that are members of many others: all the tables have more than this company.
// Rules are not checked row by row here, the rows are right as they are.
await world.sql(`
  set session_replication_role = replica;
  insert into accounts (id, status, first_name, last_name, country_code, intent, locale, password_hash, pepper_id, password_stands_alone, activated_at)
    select ${uuid('000', 'n')}, 'active', (array['Anna','Bruno','Carla','Dimitri','Elena','Farid','Greta','Hassan','Ines','Jakob'])[1 + n % 10],
      (array['Ahrens','Bianchi','Castillo','Dubois','Eriksen','Fischer','Garcia','Hoffmann','Ivanov'])[1 + n % 9] || ' ' || n, 'DE', 'client', 'en', 'x', 'x', true, now()
    from generate_series(1, 20000) n;
  insert into emails (id, account_id, address, canonical, canonical_version, is_primary, verified_at)
    select ${uuid('001', 'n')}, ${uuid('000', 'n')}, 'user' || n || '@example.org', 'user' || n || '@example.org', 1, true, now() from generate_series(1, 20000) n;
  insert into organizations (id, kind, plan, owner_account_id, default_team_id, name)
    select ${uuid('002', 'n')}, 'company', 'enterprise', ${uuid('000', '10000 + n * 20')}, ${uuid('003', 'n')}, 'Company ' || n from generate_series(1, 500) n;
  insert into teams (id, organization_id, name) select ${uuid('003', 'n')}, ${uuid('002', 'n')}, 'General' from generate_series(1, 500) n;
  insert into teams (id, organization_id, name) select ${uuid('004', 'n')}, '${bigId}', 'Team ' || n from generate_series(1, 20) n;
  insert into memberships (id, organization_id, kind, account_id, source, status)
    select ${uuid('005', 'n')}, case when n <= 9998 then '${bigId}'::uuid else ${uuid('002', '1 + n % 500')} end, 'company', ${uuid('000', 'n')},
      case when n % 4 = 0 then 'domain' else 'invitation' end, case when n % 50 = 0 then 'suspended' else 'active' end from generate_series(1, 20000) n;
  insert into team_members (organization_id, team_id, membership_id)
    select m.organization_id, case when n <= 9998 then ${uuid('004', '1 + n % 20')} else ${uuid('003', '1 + n % 500')} end, m.id
    from generate_series(1, 20000) n join memberships m on m.id = ${uuid('005', 'n')};
  insert into role_grants (organization_id, kind, membership_id, team_id, role)
    select organization_id, 'company', membership_id, team_id, 'member' from team_members where membership_id >= ${uuid('005', '1')} and membership_id <= ${uuid('005', '20000')};
  insert into role_grants (organization_id, kind, membership_id, role)
    select organization_id, 'company', ${uuid('005', 'n')}, case when n % 2500 = 0 then 'finance' else 'recruiter' end
    from generate_series(${everyTenth}, 20000, ${everyTenth}) n join memberships m on m.id = ${uuid('005', 'n')};
  set session_replication_role = origin;
  analyze`)
const [size] = await world.sql<{ count: number }>('select count(*)::int as count from memberships where organization_id = $1', [bigId])

const client = new pg.Client({ connectionString: databaseUrl('service', world.database) })
await client.connect()
t.teardown(() => client.end())

t.test('Q-9 200: all members with roles and teams, in the order they joined', async (t) => {
  t.same(await names(), ['Olga', 'Ana', 'Tia', 'Rita', 'Moritz', 'Sue', 'Hank'])
  const [olga, , tia] = await items()
  t.same([olga!.owner, olga!.grants, olga!.source], [true, [], 'founder'])
  t.same(tia!.grants, [{ role: 'admin', teamId: design }])
  t.same(tia!.teams, [{ id: design, name: 'Design' }])
})

t.test('Q-9 200: filters by team, role, status and source, alone and together', async (t) => {
  t.same(await names(`?team=${design}`), ['Tia', 'Rita'])
  t.same(await names(`?team=${company.defaultTeamId}`), ['Olga', 'Ana', 'Hank'])
  t.same(await names('?role=admin'), ['Ana', 'Tia'], 'for the company or a team')
  t.same(await names('?role=owner'), ['Olga'])
  t.same(await names('?role=poster'), ['Sue'], 'once, though in two scopes')
  t.same(await names('?role=finance'), [])
  t.same(await names('?role=no_such_role'), [])
  t.same(await names('?status=suspended'), ['Sue'])
  t.same(await names('?status=active'), ['Olga', 'Ana', 'Tia', 'Rita', 'Moritz', 'Hank'])
  t.same(await names('?source=domain'), ['Moritz'])
  t.same(await names('?source=founder'), ['Olga'])
  t.same(await names('?source=join_request'), [])
  t.same(await names(`?team=${sales}&role=recruiter&status=active&source=invitation&text=ri`), ['Rita'])
  t.same(await names(`?team=${sales}&role=recruiter&status=suspended`), [])
})

t.test('Q-9 200: text is words of the name, or the beginning of the address', async (t) => {
  t.same(await names(text('rita')), ['Rita'])
  t.same(await names(text('OKA')), ['Olga', 'Ana', 'Tia', 'Rita', 'Sue'], 'part of a word, whatever its case')
  t.same(await names(text('oka an')), ['Ana'], 'each word somewhere')
  t.same(await names(text('karl von')), ['Moritz'])
  t.same(await names(text('hank@ex')), ['Hank'], 'the address from its beginning')
  t.same(await names(text('HANK@example.com')), ['Hank'])
  t.same(await names(text('ank@example.com')), [], 'and not from its middle')
  t.same(await names(text('a b c d e zzz')), await names(text('a b c d e f g')), 'all of one line, at most five words')
})

t.test('Q-9 200: in text, %, _ and \\ mean themselves', async (t) => {
  t.same(await names(text('100%')), ['Moritz'])
  t.same(await names(text('%')), ['Moritz'])
  t.same(await names(text('_')), ['Hank'])
  t.same(await names(text('brien_j')), ['Hank'])
  t.same(await names(text('o_brien')), [])
  t.same(await names(text('\\')), [])
  t.same(await names(text("' or 1=1 --")), [])
  for (const [index, person] of odd.entries()) t.ok(await join(other, person), String(index))
  const found = async (words: string) => (await items(text(words), the('Bea'), other)).map(({ firstName }) => firstName)
  t.same(await found('fifty_off'), ['Per_cent'])
  t.same(await found('fifty.off'), ['Perfect'])
  t.same(await found('fifty%off'), [])
  t.same(await found('per_c'), ['Per_cent'])
})

t.test('Q-9 400: what is no filter is refused, and 404 for a team that is none of the company', async (t) => {
  for (const query of [
    '?status=gone',
    '?source=magic',
    '?text=',
    '?text=%20a',
    '?text=a%00',
    '?text=a%0Ab',
    '?role=a%00',
    '?role=',
    '?limit=0',
    '?limit=101',
    '?who=me',
    '?team=a&team=b',
    `?role=${'r'.repeat(41)}`
  ])
    refused(t, await list(query), 400, 'invalid_input', query)
  for (const id of [foreignTeam, 'team_x', company.id]) refused(t, await list(`?team=${id}`), 404, 'not_found', id)
  t.same(await names('?role=%25'), [])
  refused(t, await list('?cursor=abc'), 400, 'malformed_cursor')
})

t.test('Q-9 200: pages go on where they ended, in the same order, while members join and others leave', async (t) => {
  const place = await found(the('Bea'))
  const joined: string[] = [place.memberId]
  for (const name of ['Ana', 'Tia', 'Rita', 'Mo', 'Sue']) joined.push(await join(place, the(name)))
  const first = await ok(list('?limit=2', the('Bea'), place))
  const page = first.json() as { items: Shown[]; nextCursor: string }
  const seen = page.items.map(({ id }) => id)
  const late = await join(place, the('Hank'))
  await ok(send('DELETE', `${place.url}/members/${joined[1]}`, the('Bea')))
  await ok(send('DELETE', `${place.url}/members/${joined[3]}`, the('Bea')))
  let next: string | null = page.nextCursor
  t.equal(first.headers.link, `<${place.url}/members?limit=2&cursor=${encodeURIComponent(page.nextCursor)}>; rel="next"`)
  while (next) {
    const answer = (await ok(list(`?limit=2&cursor=${encodeURIComponent(next)}`, the('Bea'), place))).json() as {
      items: Shown[]
      nextCursor: string | null
    }
    seen.push(...answer.items.map(({ id }) => id))
    next = answer.nextCursor
  }
  t.same(seen, [joined[0], joined[1], joined[2], joined[4], joined[5], late])

  const other = `cursor=${encodeURIComponent(page.nextCursor)}`
  refused(t, await list(`?role=member&${other}`, the('Bea'), place), 400, 'malformed_cursor', 'of other filters')
  refused(t, await list(`?${other}`, the('Hank'), place), 403, 'access_denied')
  await ok(setRoles(place, late, [{ role: 'admin' }]))
  refused(t, await list(`?${other}`, the('Hank'), place), 400, 'malformed_cursor', 'of somebody else')
  refused(t, await list(`?${other}`, the('Olga')), 400, 'malformed_cursor', 'of another company')
})

t.test('C-3 404: a company that is not theirs has no members for anybody', async (t) => {
  refused(t, await list('', the('Bea')), 404, 'not_found')
  refused(t, await send('GET', `${company.url}/members/${hank}`, the('Bea')), 404, 'not_found')
  refused(t, await send('GET', `${other.url}/members/${hank}`, the('Bea')), 404, 'not_found', 'nor by way of their own')
  refused(t, await world.inject({ method: 'GET', url: `${company.url}/members` }), 401, 'not_signed_in')
})

t.test('C-5 200: who may see members in some teams sees those teams, and themselves', async (t) => {
  t.same(await names('', the('Rita')), ['Tia', 'Rita', 'Moritz'], 'of both her teams')
  t.same(await names('', the('Tia')), ['Tia', 'Rita'])
  t.same(await names('', the('Mo')), ['Rita', 'Moritz'])
  t.same(await names(`?team=${sales}`, the('Rita')), ['Rita', 'Moritz'])
  t.same(await names('?role=admin', the('Rita')), ['Tia'], 'filters reach no further')
  t.same(await names(text('oka'), the('Mo')), ['Rita'])
  for (const id of [sales, company.defaultTeamId]) refused(t, await list(`?team=${id}`, the('Tia')), 404, 'not_found', id)

  const one = (id: string, by: Person) => send('GET', `${company.url}/members/${id}`, by)
  const [olga, , , rita] = (await items()).map(({ id }) => id)
  t.equal((await one(rita!, the('Mo'))).statusCode, 200)
  refused(t, await one(olga!, the('Mo')), 404, 'not_found')
  refused(t, await one(hank, the('Rita')), 404, 'not_found')
  // Without any role one may see nobody but oneself.
  refused(t, await list('', the('Hank')), 403, 'access_denied')
  t.equal((await one(hank, the('Hank'))).statusCode, 200)
  refused(t, await one(olga!, the('Hank')), 403, 'access_denied')
  // A suspended member sees nobody, and what became of their own membership.
  refused(t, await list('', the('Sue')), 403, 'membership_suspended')
  t.equal((await one(sue, the('Sue'))).json().status, 'suspended')
})

/** What reading a page may take in the database. */
const most = 25

interface Node {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  Plans?: Node[]
}
interface Explained {
  Plan: Node
  'Planning Time': number
  'Execution Time': number
}

/** The statement of a page, as the service sends it. */
async function statementOf(input: Partial<ListMembers>, by: Person): Promise<{ text: string; values: unknown[] }> {
  const sent: SQL[] = []
  const query = new Proxy(world.parts.db.query, {
    get(target, name) {
      if (name !== 'execute') return Reflect.get(target, name)
      return (statement: SQL) => {
        sent.push(statement)
        return target.execute(statement)
      }
    }
  })
  const parts: Parts = { ...world.parts, db: { ...world.parts.db, query } }
  const actor = { kind: 'account', accountId: parseId('account', by.accountId)!, requestId: null } as never
  const page = await listMembers(parts, actor, { face: companyFace, organizationId: big.id, limit: 50, ...input }, undefined)
  if (page.items.length === 0) throw new Error('a page without members proves nothing')
  const { sql: text, params } = new PgDialect().sqlToQuery(sent.at(-1)!)
  if (!text.includes('limit')) throw new Error('the last statement is the page')
  return { text, values: params }
}

const literal = (value: unknown): string => (Array.isArray(value) ? `'{${value.join(',')}}'` : pg.escapeLiteral(String(value)))

// What counting to a hundred thousand takes the database on a quiet machine, in milliseconds.
const yardstick = 'explain (analyze, timing off, format json) select count(*) from generate_series(1, 100000)'
const quiet = 10

/**
 * The plan of the statement: with these values, or as the database takes it once it has seen them several times, when it may leave them
 * out. The quickest of several runs, less what a yardstick beside it takes longer than on a quiet machine: others run there too.
 */
async function explain({ text, values }: { text: string; values: unknown[] }, seen: boolean): Promise<Explained & { ms: number }> {
  const page = `execute page(${values.map(literal).join(', ')})`
  const run = async (statement: string): Promise<Explained> => {
    const { rows } = await client.query(statement)
    return (rows[0] as { 'QUERY PLAN': [Explained] })['QUERY PLAN'][0]
  }
  await client.query(`set plan_cache_mode = ${seen ? 'auto' : 'force_custom_plan'}`)
  await client.query(`prepare page as ${text}`)
  for (let nth = 0; seen && nth < 6; nth++) await client.query(page)
  let ms = Number.POSITIVE_INFINITY
  let slowness = Number.POSITIVE_INFINITY
  let found: Explained
  let tries = 0
  do {
    slowness = Math.min(slowness, Math.max(1, (await run(yardstick))['Execution Time'] / quiet))
    found = await run(`explain (analyze, timing off, format json) ${page}`)
    ms = Math.min(ms, found['Execution Time'])
  } while (++tries < 3 || (ms / slowness > most / 2 && tries < 30))
  await client.query('deallocate page')
  return { ...found, ms: Math.round((ms / slowness) * 100) / 100 }
}

const nodes = (plan: Node): Node[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)]
function lines(plan: Node, depth = 0): string[] {
  const { 'Node Type': type, 'Relation Name': relation, 'Index Name': index, 'Actual Rows': rows, 'Actual Loops': loops } = plan
  const line = `${'  '.repeat(depth)}${type}${index ? ` ${index}` : ''}${relation ? ` on ${relation}` : ''}: ${rows} rows × ${loops}`
  return [line, ...(plan.Plans ?? []).flatMap((below) => lines(below, depth + 1))]
}

async function measure(t: Test, name: string, input: Partial<ListMembers>, by: Person, check?: (plan: Node[]) => void): Promise<void> {
  const statement = await statementOf(input, by)
  for (const seen of [false, true]) {
    const { Plan: plan, ms } = await explain(statement, seen)
    const what = `${name}, ${seen ? 'seen before' : 'at first'}: ${ms} ms`
    t.comment(`${what}\n${lines(plan).join('\n')}`)
    t.ok(ms < most, `${what} of ${most}`)
    check?.(nodes(plan))
  }
}

const whole = (plan: Node[]) => plan.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name'])
const teamOf = (n: number) => publicId('team', `01900000-0000-7004-8000-${n.toString(16).padStart(12, '0')}`)

t.test('Q-9: a page of ten thousand members is read from indexes, in a few milliseconds', async (t) => {
  t.equal(size!.count, 10_000)
  const plain = (plan: Node[]) => {
    t.notOk(whole(plan).includes('memberships') || whole(plan).includes('accounts') || whole(plan).includes('emails'), whole(plan).join())
    const read = plan.filter((node) => node['Relation Name'] === 'memberships').map((node) => node['Actual Rows'] * node['Actual Loops'])
    t.ok(
      read.every((rows) => rows <= 51),
      `no more memberships than the page shows: ${read}`
    )
    t.same(plan.filter((node) => node['Node Type'] === 'Sort' && node['Actual Rows'] > 60).length, 0)
  }
  await measure(t, 'first page', {}, the('Hank'), plain)
  const deep = (await ok(list('?limit=100', the('Hank'), big))).json() as { nextCursor: string }
  t.ok(deep.nextCursor)
  await measure(t, 'a hundred at once', { limit: 100 }, the('Hank'))
})

t.test('Q-9: filters and text keep a page of ten thousand members quick', async (t) => {
  const hank = the('Hank')
  const theirs = (plan: Node[]) =>
    t.notOk(whole(plan).includes('accounts') || whole(plan).includes('emails'), 'no account but theirs is looked at')
  await measure(t, 'one team', { teamId: teamOf(3) }, hank)
  await measure(t, 'a role that many have', { role: 'member' }, hank)
  if (long) {
    await measure(t, 'a role that few have', { role: 'finance' }, hank)
    await measure(t, 'the owner', { role: 'owner' }, hank)
    await measure(t, 'suspended ones', { status: 'suspended' }, hank)
    await measure(t, 'a source', { source: 'domain' }, hank)
    await measure(t, 'a source that one has', { source: 'founder' }, hank)
  }
  await measure(t, 'text that many match', { text: 'an' }, hank, theirs)
  await measure(t, 'text that one name matches', { text: 'garcia 9996' }, hank, theirs)
  await measure(t, 'text that one address matches', { text: 'user9990@example.org' }, hank, theirs)
  await measure(t, 'everything', { teamId: teamOf(1), role: 'recruiter', status: 'active', source: 'domain', text: 'anna' }, hank)
})

t.test('Q-9: so is the page of somebody who sees two teams of it', async (t) => {
  await world.sql(
    `insert into team_members (organization_id, team_id, membership_id)
      select organization_id, t.id, m.id from memberships m cross join (values (${uuid('004', '7')}), (${uuid('004', '9')})) t (id)
      where organization_id = $1 and account_id = $2`,
    [bigId, readerId]
  )
  await world.sql(
    `insert into role_grants (organization_id, kind, membership_id, team_id, role)
      select m.organization_id, 'company', m.id, tm.team_id, 'member' from memberships m join team_members tm on tm.membership_id = m.id
      where m.organization_id = $1 and m.account_id = $2 and tm.team_id in (${uuid('004', '7')}, ${uuid('004', '9')})`,
    [bigId, readerId]
  )
  await measure(t, 'two teams', {}, reader)
  await measure(t, 'two teams, text', { text: 'hoffmann' }, reader)
})
