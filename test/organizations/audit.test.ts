import t from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { organizations } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { openWorld, type Person } from '../support/world.ts'

interface Entry {
  id: string
  at: string
  actor: { kind: string; id: string | null }
  action: string
  resource: string
  requestId: string | null
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
  detail: Record<string, unknown>
  personal: Record<string, Record<string, unknown>> | null
}

const world = await openWorld(t)
const { send, ok, found, join, team, setRoles, tagOf } = organizations(world)
const people: Record<string, Person> = {}
for (const name of ['Olga', 'Ana', 'Tia', 'Mo', 'Rita', 'Bea']) people[name] = await world.person(name)
const the = (name: string): Person => people[name]!
const olga = the('Olga')
const billing = await world.service('billing', ['plans.write'])
const operator = await world.operator()

const versioned = async (method: 'PATCH', url: string, body: object, by = olga, tagUrl = url) =>
  ok(send(method, url, { headers: { ...by.headers, 'if-match': await tagOf(tagUrl, olga) } }, body))

// A company's life: everything that is done to it leaves a row.
const company = await found(olga)
const other = await found(the('Bea'))
await join(other, olga)
const design = await team(company, 'Design')
const ana = await join(company, the('Ana'), [{ role: 'admin' }])
await join(company, the('Tia'), [{ role: 'admin', teamId: design }])
const mo = await join(company, the('Mo'), [{ role: 'member', teamId: design }])
const rita = await join(company, the('Rita'), [{ role: 'recruiter' }])
const renamed = await versioned('PATCH', company.url, { displayName: 'Okafor & Co', vatNumber: 'DE123456789' })
await versioned('PATCH', `${company.url}/teams/${design}`, { name: 'Brand' })
await ok(setRoles(company, mo, [{ role: 'recruiter', teamId: design }], the('Ana')))
await ok(send('POST', `${company.url}/members/${mo}/suspension`, olga, { reason: 'On leave.' }))
await ok(send('DELETE', `${company.url}/members/${mo}/suspension`, olga))
await ok(send('PUT', `${company.url}/teams/${design}/members/${rita}`, olga))
await ok(send('POST', `${company.url}/members/${mo}/move`, olga, { fromTeamId: design, toTeamId: company.defaultTeamId }))
await ok(send('DELETE', `${company.url}/teams/${design}/members/${rita}`, olga))
await ok(send('POST', `${company.url}/roles`, olga, { key: 'scout', name: 'Scout', description: 'Looks.', permissions: ['talent.invite'] }))
await versioned('PATCH', `${company.url}/roles/scout`, { permissions: ['talent.invite', 'job.post'], name: 'Head scout' })
await ok(send('DELETE', `${company.url}/roles/scout`, olga))
await ok(send('PUT', `${company.url}/plan`, billing, { plan: 'business' }))
await ok(send('POST', `${company.url}/ownership-transfer`, olga, { memberId: ana }))
await ok(send('POST', `${company.url}/ownership-transfer/decline`, the('Ana'), {}))
await ok(send('DELETE', `${company.url}/members/${rita}`, olga))
await ok(send('POST', `${company.url}/closure`, olga, { reason: 'Done.' }))
await ok(send('POST', `${company.url}/reopening`, operator, { reason: 'By phone.' }))

const audit = (query = '', by: { headers: object } = olga, place = company) => send('GET', `${place.url}/audit${query}`, by)
const entries = async (query = '?limit=100', by = olga, place = company): Promise<Entry[]> =>
  (await ok(audit(query, by, place))).json().items
const encoded = (moment: string): string => encodeURIComponent(moment)
const all = await entries()
const actions = all.map(({ action }) => action)

t.test('200: everything that was done shows, newest first', async (t) => {
  t.same(actions.slice().reverse(), [
    'company.created',
    'team.created',
    'member.joined',
    'team.created',
    'member.joined',
    'member.joined',
    'member.joined',
    'member.joined',
    'company.updated',
    'team.updated',
    'member.roles_changed',
    'member.suspended',
    'member.resumed',
    'team.member_added',
    'member.moved',
    'team.member_removed',
    'role.created',
    'role.updated',
    'role.deleted',
    'company.plan_changed',
    'ownership.offered',
    'ownership.declined',
    'member.removed',
    'company.closed',
    'company.reopened'
  ])
  t.same(
    all.map(({ at }) => at),
    all
      .map(({ at }) => at)
      .sort()
      .reverse()
  )
  t.equal(new Set(all.map(({ id }) => id)).size, all.length)
})

t.test('200: each change tells its state before and after, and both are public ids and states only', async (t) => {
  const began = /created$|joined$|offered$/
  const ended = /removed$|deleted$/
  for (const { action, before, after, personal } of all) {
    const nothingBefore = began.test(action)
    const nothingAfter = ended.test(action) && action !== 'team.member_removed'
    t.equal(before === null, nothingBefore, `${action}: before`)
    t.equal(after === null, nothingAfter, `${action}: after`)
    t.notSame([before, personal?.before], [after, personal?.after], `${action}: something changed`)
  }
  const text = JSON.stringify(all.map(({ personal: _, ...rest }) => rest))
  t.notMatch(text, /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/, 'no id of the inside')
  for (const word of ['Olga', 'Okafor', 'Brand', 'Head scout', 'On leave', '@example.com', 'DE123456789'])
    t.notOk(text.includes(word), word)
})

t.test('200: an entry is complete: who, what, when, by which request, and what became of it', async (t) => {
  const changed = all.find(({ action }) => action === 'member.roles_changed')!
  t.same(changed.actor, { kind: 'account', id: the('Ana').accountId })
  t.equal(changed.resource, mo)
  t.same(changed.before, { status: 'active', owner: false, grants: [{ role: 'member', teamId: design }], teams: [design] })
  t.same(changed.after, { status: 'active', owner: false, grants: [{ role: 'recruiter', teamId: design }], teams: [design] })
  const updated = all.find(({ action }) => action === 'company.updated')!
  t.equal(updated.requestId, renamed.headers['x-request-id'])
  t.equal(all.find(({ action }) => action === 'company.plan_changed')!.actor.kind, 'service')
  t.equal(all.find(({ action }) => action === 'company.reopened')!.actor.kind, 'operator')
  const role = all.find(({ action }) => action === 'role.updated')!
  t.same(
    [role.resource, role.before, role.after],
    ['scout', { permissions: ['talent.invite'] }, { permissions: ['job.post', 'talent.invite'] }]
  )
})

t.test('P-16 200: names and words are personal values, before and after; erased, they are gone and all else stays', async (t) => {
  const updated = all.find(({ action }) => action === 'company.updated')!
  t.same([...(updated.detail.fields as string[])].sort(), ['name', 'vatNumber'])
  t.same(updated.personal, {
    before: { name: 'olga@example.com Ltd', vatNumber: null },
    after: { name: 'Okafor & Co', vatNumber: 'DE123456789' }
  })
  const teamChange = all.find(({ action }) => action === 'team.updated')!
  t.same(teamChange.personal, { before: { name: 'Design' }, after: { name: 'Brand' } })
  t.same(all.find(({ action }) => action === 'member.suspended')!.personal, { reason: 'On leave.' })
  t.equal(all.find(({ action }) => action === 'member.moved')!.personal, null)

  await world.sql('delete from audit_personal where event_id = $1', [parseId('event', teamChange.id)])
  const after = (await entries()).find(({ id }) => id === teamChange.id)!
  t.same(after, { ...teamChange, personal: null })
})

t.test('Q-9 200: filters by action, resource, actor and time, alone and together', async (t) => {
  const of = (where: (entry: Entry) => boolean) => all.filter(where).map(({ id }) => id)
  const got = async (query: string) => (await entries(`?limit=100&${query}`)).map(({ id }) => id)
  t.same(
    await got('action=member.joined'),
    of(({ action }) => action === 'member.joined')
  )
  t.same(
    await got(`resource=${mo}`),
    of(({ resource }) => resource === mo)
  )
  t.equal((await got(`resource=${mo}`)).length, 5)
  t.same(
    await got('resource=scout'),
    of(({ resource }) => resource === 'scout')
  )
  t.same(
    await got(`actor=${the('Ana').accountId}`),
    of(({ actor }) => actor.id === the('Ana').accountId)
  )
  t.same(
    await got('actor=system'),
    of(({ actor }) => actor.kind === 'system')
  )
  const service = all.find(({ actor }) => actor.kind === 'service')!
  t.same(await got(`actor=${service.actor.id}`), [service.id])
  const reopened = all.find(({ actor }) => actor.kind === 'operator')!
  t.same(await got(`actor=${reopened.actor.id}`), [reopened.id])
  t.same(
    await got(`resource=${mo}&actor=${the('Ana').accountId}&action=member.roles_changed`),
    of(({ action }) => action === 'member.roles_changed')
  )
  t.same(await got(`resource=${mo}&actor=${the('Ana').accountId}&action=member.moved`), [])
  for (const query of ['action=member', 'action=MEMBER.JOINED', 'action=%25', 'resource=x', 'actor=x', 'actor=account_x', `actor=${mo}`])
    t.same(await got(query), [], query)
  t.same(await got(`actor=${the('Ana').accountId.replace('account_', 'service_')}`), [], 'an id of another kind')
})

t.test('Q-9 200: since is from a moment on, until is before one; both take any time zone', async (t) => {
  const got = async (query: string) => (await entries(`?limit=100&${query}`)).map(({ id }) => id)
  const ids = all.map(({ id }) => id)
  t.same(await got(`since=${encoded('2020-01-01T00:00:00Z')}&until=${encoded('2100-01-01T00:00:00+02:00')}`), ids)
  t.same(await got(`since=${encoded('2100-01-01T00:00:00Z')}`), [])
  t.same(await got(`until=${encoded('2020-01-01T00:00:00-11:30')}`), [])
  t.same(await got(`since=${encoded('0001-01-01T00:00:00.123456789+15:59')}&until=${encoded('9999-12-31T23:59:59-15:59')}`), ids)
  // The moment of one row, to the microsecond the database has it.
  const middle = all[10]!
  const [row] = await world.sql<{ at: string }>(
    `select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at from audit_events where id = $1`,
    [parseId('event', middle.id)]
  )
  const since = await got(`since=${encoded(row!.at)}`)
  const until = await got(`until=${encoded(row!.at)}`)
  t.ok(since.includes(middle.id) && !until.includes(middle.id))
  t.same([...since, ...until], ids, 'together all, none twice')
})

t.test('Q-9 400: what is no moment, no filter or no text for a database is refused', async (t) => {
  const queries = [
    'since=yesterday',
    'since=2026-01-01',
    'until=2026-13-01T00:00:00Z',
    'until=2026-01-01T00:00:00',
    'since=0000-01-01T00:00:00Z',
    `until=${encoded('2026-01-01T00:00:00+16:00')}`,
    `until=${encoded('2026-01-01T00:00:00-23:59')}`,
    `since=2026-01-01T00:00:00.${'0'.repeat(60)}Z`,
    'who=me',
    'action=a&action=b',
    `action=${'a'.repeat(101)}`,
    'action=a%00',
    'resource=a%00',
    'actor=account_a%00',
    'actor=a%00_b'
  ]
  for (const query of queries) refused(t, await audit(`?${query}`), 400, 'invalid_input', query)
  for (const cursor of ['x', 'MQ.abc']) refused(t, await audit(`?cursor=${cursor}`), 400, 'malformed_cursor', cursor)
})

t.test('Q-9 200: pages go on where they ended while more is done', async (t) => {
  const first = await ok(audit('?limit=10'))
  const page = first.json() as { items: Entry[]; nextCursor: string }
  t.equal(first.headers.link, `<${company.url}/audit?limit=10&cursor=${encoded(page.nextCursor)}>; rel="next"`)
  await team(company, 'Late')
  const seen = page.items.map(({ id }) => id)
  let next: string | null = page.nextCursor
  while (next) {
    const answer = (await ok(audit(`?limit=10&cursor=${encoded(next)}`))).json() as { items: Entry[]; nextCursor: string | null }
    seen.push(...answer.items.map(({ id }) => id))
    next = answer.nextCursor
  }
  t.same(
    seen,
    all.map(({ id }) => id)
  )
  const cursor = `cursor=${encoded(page.nextCursor)}`
  refused(t, await audit(`?action=member.joined&${cursor}`), 400, 'malformed_cursor', 'of other filters')
  refused(t, await audit(`?${cursor}`, the('Ana')), 400, 'malformed_cursor', 'of somebody else')
  refused(t, await audit(`?${cursor}`, the('Bea'), other), 400, 'malformed_cursor', 'of another company')
})

t.test('C-2 200: readers see what was done in their organization, and nothing of another', async (t) => {
  const theirs = await entries('?limit=100', the('Bea'), other)
  t.same(theirs.map(({ action }) => action).reverse(), ['company.created', 'team.created', 'member.joined', 'member.joined'])
  t.notOk(theirs.some(({ id }) => all.some((entry) => entry.id === id)))
  t.same(await entries(`?resource=${other.id}`), [], 'not by asking for it either')
  t.notOk(
    actions.some((action) => /^(account|session|email)\./.test(action)),
    "nor of its people's own affairs"
  )
})

t.test('C-5 403: the history is for owner and admins of the whole company', async (t) => {
  t.same((await entries('?limit=100', the('Ana'))).length, (await entries()).length)
  for (const name of ['Tia', 'Mo']) {
    const denied = await audit('', the(name))
    refused(t, denied, 403, 'access_denied', name)
    t.same(denied.json().missingPermissions, ['audit.read'])
  }
  refused(t, await audit('', the('Rita')), 404, 'not_found', 'who was removed')
  refused(t, await audit('', the('Bea')), 404, 'not_found')
  refused(t, await audit('', operator), 401, 'not_signed_in')
  refused(t, await world.inject({ method: 'GET', url: `${company.url}/audit` }), 401, 'not_signed_in')
})
