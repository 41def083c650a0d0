import t from 'tap'
import { eraseDue } from '../../src/closing/erasing.ts'
import { newId, parseId, publicId } from '../../src/http/ids.ts'
import { deciding } from '../support/deciding.ts'
import { imposed } from '../support/enforcement.ts'
import { meanwhile } from '../support/locks.ts'
import { organizations } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { columnsOfWords } from '../support/search.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t, { env: { COMPANIES_PER_ACCOUNT: '1000' } })
const { send, ok, found, join } = organizations(world)
const { ban } = deciding(world)
const [alma, bruno] = [await world.operator('alma@operators.example'), await world.operator('bruno@operators.example')]
const olga = await world.person('Olga')

const uuid = ({ accountId }: Pick<Person, 'accountId'>): string => parseId('account', accountId)!
const ask = (person: Person, headers: Record<string, string> = {}) =>
  world.post('/v1/me/anonymisation', {}, { ...person.headers, ...headers })
const byLink = (token: string) => world.post('/v1/me/anonymisation', { token })
const pathOf = ({ accountId }: Pick<Person, 'accountId'>): string => `/v1/accounts/${accountId}/anonymisation`
const propose = (by: object, person: Pick<Person, 'accountId'>) =>
  send('POST', pathOf(person), by as Person, { reason: 'Asked for by letter.' })
const approve = (by: object, person: Pick<Person, 'accountId'>) => send('POST', `${pathOf(person)}/approval`, by as Person, {})
const cancel = (by: object, person: Pick<Person, 'accountId'>) => send('DELETE', pathOf(person), by as Person)
const closed = async (name: string): Promise<Person> => {
  const person = await world.person(name)
  await ok(world.post('/v1/me/closure', {}, person.headers))
  return person
}
const linkOf = async (person: Person): Promise<string> => {
  await ok(world.post('/v1/reactivations', { email: person.email }))
  return world.mailedToken(person.email, 'ghb')
}
const statusOf = async (person: Pick<Person, 'accountId'>): Promise<string> =>
  (await world.sql<{ status: string }>('select status from accounts where id = $1', [uuid(person)]))[0]!.status
const requestsOf = async (person: Pick<Person, 'accountId'>): Promise<string[]> =>
  (await world.sql<{ status: string }>('select status from anonymisations where account_id = $1 order by id', [uuid(person)])).map(
    ({ status }) => status
  )
const silent = { error: () => undefined }

t.test('P-16 202: asked for when signed in it closes the account and waits; reactivating stops it', async (t) => {
  const ana = await world.person('Ana')
  const answer = await ok(ask(ana, { 'idempotency-key': 'erasing-ana-0001' }))
  const { dueAt } = answer.json() as { dueAt: string }
  t.ok(Math.abs(Date.parse(dueAt) - Date.now() - 14 * 86_400_000) < 60_000, 'two weeks')
  t.equal(answer.statusCode, 202)
  t.equal((await ask(ana, { 'idempotency-key': 'erasing-ana-0001' })).body, answer.body, 'a retry is the same')
  t.equal(await statusOf(ana), 'closed')
  const mails = (await world.mails(ana.email)).slice(-1)
  t.match(mails[0], { subject: 'Your data will be erased', text: /http:\/\/guildhall\.test\/reactivate\n/ })
  t.equal((await world.mails(ana.email)).filter(({ subject }) => subject === 'Your account was closed').length, 0, 'one mail says both')
  t.equal(await eraseDue(world.parts, silent), 0, 'not before its time')

  await ok(world.post('/v1/reactivations/confirm', { token: await linkOf(ana) }))
  t.strictSame(await requestsOf(ana), ['cancelled'])
  await world.sql("update anonymisations set due_at = now() - interval '1 day' where account_id = $1", [uuid(ana)])
  t.equal(await eraseDue(world.parts, silent), 0)
  t.equal(await statusOf(ana), 'active')
  const [event] = await world.sql(
    "select actor_kind, detail -> 'after' ->> 'status' as status from audit_events where chain_id = $1 and action = 'erasure.cancelled'",
    [uuid(ana)]
  )
  t.strictSame(event, { actor_kind: 'account', status: 'cancelled' })
})

t.test('P-16 202: for a closed account the token of the reactivation mail stands for the person, once', async (t) => {
  const ben = await closed('Ben')
  const token = await linkOf(ben)
  t.equal((await byLink(token)).statusCode, 202)
  refused(t, await byLink(token), 410, 'token_dead')
  refused(t, await world.post('/v1/reactivations/confirm', { token }), 410, 'token_dead')
  const again = await linkOf(ben)
  refused(t, await byLink(again), 409, 'erasure_open')
  await world.sql("update anonymisations set due_at = now() - interval '1 second' where account_id = $1", [uuid(ben)])
  t.equal(await eraseDue(world.parts, silent), 1)
  t.equal(await statusOf(ben), 'anonymised')
  refused(t, await world.post('/v1/reactivations/confirm', { token: again }), 410, 'token_dead', 'its links are gone with it')
  t.equal((await world.post('/v1/reactivations', { email: ben.email })).statusCode, 202)
  const before = (await world.mails(ben.email)).length
  t.equal((await world.mails(ben.email)).length, before, 'and nobody is mailed')
})

t.test('P-16 410: a link that was good when the account was closed is dead for one that is open', async (t) => {
  const nia = await closed('Nia')
  const token = await linkOf(nia)
  await world.sql("update accounts set status = 'active', closed_at = null where id = $1", [uuid(nia)])
  refused(t, await byLink(token), 410, 'token_dead')
  t.strictSame([await statusOf(nia), await requestsOf(nia)], ['active', []])
})

t.test(
  'P-16: whoever asked themselves is told when an operator cancels it; nobody is of a proposal that nobody told them of',
  async (t) => {
    const pia = await world.person('Pia')
    await ok(ask(pia))
    t.equal((await cancel(alma, pia)).statusCode, 204)
    t.match((await world.mails(pia.email)).at(-1), { subject: 'Your data will not be erased', text: /Our support has cancelled that/ })
    const count = (await world.mails(pia.email)).length
    await ok(propose(alma, pia))
    t.equal((await cancel(bruno, pia)).statusCode, 204)
    await ok(world.post('/v1/reactivations/confirm', { token: await linkOf(pia) }))
    t.equal((await world.mails(pia.email)).filter(({ subject }) => subject === 'Your data will not be erased').length, 1, `one of ${count}`)
  }
)

t.test('P-16 at once: erasing a banned open account locks all organizations in one order, those that it leaves among them', async (t) => {
  const rob = await world.person('Rob')
  const [first, second] = [await found(olga), await found(olga)]
  await join(second, rob)
  await ok(send('POST', `${first.url}/invitations`, olga, { email: rob.email }))
  const [lower, higher] = [first, second].map(({ id }) => parseId('company', id)!)
  t.ok(lower! < higher!)
  await ban(alma, bruno, rob.accountId)
  await ok(propose(alma, rob))
  // Waits for the lower one, and holds nothing of the higher one meanwhile.
  const free = () => world.sql('select id from organizations where id = $1 for update nowait', [higher])
  const answer = await meanwhile(
    world,
    'select id from organizations where id = $1 for update',
    [lower],
    () => approve(bruno, rob),
    async () => t.equal((await free()).length, 1)
  )
  t.equal(answer.statusCode, 204)
  t.equal(await statusOf(rob), 'anonymised')
})

t.test('P-16 P-13: the guards of closing hold for it too, and suspension and ban', async (t) => {
  const cleo = await world.person('Cleo')
  await join(await found(cleo), olga)
  const answer = await ask(cleo)
  refused(t, answer, 409, 'closure_blocked')
  t.match((answer.json() as { blockers: object[] }).blockers, [{ code: 'owner_must_transfer' }])
  t.equal(await statusOf(cleo), 'active')
  const dora = await closed('Dora')
  const token = await linkOf(dora)
  await imposed(world, uuid(dora), 'suspended')
  refused(t, await byLink(token), 409, 'account_under_enforcement')
  t.strictSame(await requestsOf(dora), [])
  const eve = await world.person('Eve')
  await world.sql("update sessions set authenticated_at = now() - interval '11 minutes' where account_id = $1", [uuid(eve)])
  refused(t, await ask(eve), 401, 'reauthentication_required')
  refused(t, await world.post('/v1/me/anonymisation', {}), 401, 'not_signed_in')
  refused(t, await world.post('/v1/me/anonymisation', { token: 'x' }), 400, 'invalid_input')
})

t.test('P-16: who is banned while waiting is left to operators', async (t) => {
  const fay = await world.person('Fay')
  await ok(ask(fay))
  await world.sql("update anonymisations set due_at = now() - interval '1 second' where account_id = $1", [uuid(fay)])
  await imposed(world, uuid(fay), 'banned')
  t.equal(await eraseDue(world.parts, silent), 0)
  t.equal(await statusOf(fay), 'closed')
  refused(t, await propose(alma, fay), 409, 'erasure_open')
  refused(t, await approve(bruno, fay), 409, 'erasure_not_open', 'nobody proposed it')
  t.equal((await cancel(alma, fay)).statusCode, 204)
  t.equal((await propose(alma, fay)).statusCode, 201)
  t.equal((await approve(bruno, fay)).statusCode, 204)
  t.strictSame([await statusOf(fay), await requestsOf(fay)], ['anonymised', ['cancelled', 'done']])
})

t.test('P-16 403 four eyes: who proposes does not approve; the list shows what waits', async (t) => {
  const gus = await closed('Gus')
  const made = await propose(alma, gus)
  t.equal(made.statusCode, 201)
  t.match(made.json(), { accountId: gus.accountId, status: 'proposed', requestedBy: 'operator', dueAt: null, approvedById: null })
  refused(t, await propose(bruno, gus), 409, 'erasure_open')
  refused(t, await approve(alma, gus), 403, 'four_eyes_required')
  t.equal(await statusOf(gus), 'closed')
  const list = async (query: string) =>
    (await ok(send('GET', `/v1/anonymisations${query}`, bruno))).json() as {
      items: Array<{ id: string; accountId: string }>
      nextCursor: string | null
    }
  t.strictSame(
    (await list('?status=proposed')).items.map(({ accountId }) => accountId),
    [gus.accountId]
  )
  const page = await list('?limit=1')
  const next = await list(`?limit=1&cursor=${page.nextCursor}`)
  t.ok(page.items[0]!.id > next.items[0]!.id, 'newest first')
  refused(t, await send('GET', '/v1/anonymisations?cursor=x', bruno), 400, 'malformed_cursor')
  t.equal((await cancel(bruno, gus)).statusCode, 204)
  refused(t, await cancel(bruno, gus), 409, 'erasure_not_open')
  refused(t, await approve(bruno, gus), 409, 'erasure_not_open')
  t.equal((await propose(alma, gus)).statusCode, 201)
  t.equal((await approve(bruno, gus)).statusCode, 204)
  refused(t, await approve(bruno, gus), 409, 'erasure_not_open', 'once')
  t.match(
    (await list('?status=done')).items.find(({ accountId }) => accountId === gus.accountId),
    { requestedBy: 'operator', endedAt: /^\d/ }
  )
})

t.test('P-16 409: only the closed and the banned are erased by operators, and nothing stays behind without its owner', async (t) => {
  const hal = await world.person('Hal')
  refused(t, await propose(alma, hal), 409, 'conflict')
  await imposed(world, uuid(hal), 'suspended')
  refused(t, await propose(alma, hal), 409, 'conflict', 'suspended')
  const ida = await world.person('Ida')
  const place = await found(ida)
  const olgaId = await join(place, olga)
  await ban(alma, bruno, ida.accountId)
  refused(t, await propose(alma, ida), 409, 'closure_blocked')
  await ok(send('POST', `${place.url}/ownership-transfer/forced`, alma, { memberId: olgaId, evidence: 'The owner is banned.' }))
  t.equal((await propose(alma, ida)).statusCode, 201)
  const jan = await world.person('Jan')
  const shared = await found(jan)
  await ban(alma, bruno, jan.accountId)
  t.equal((await propose(alma, jan)).statusCode, 201)
  await world.sql("update organizations set plan = 'plus' where id = $1", [parseId('company', shared.id)])
  await join(shared, olga)
  refused(t, await approve(bruno, jan), 409, 'closure_blocked', 'looked at again')
  t.equal(await statusOf(jan), 'active')
  t.equal((await approve(bruno, ida)).statusCode, 204)
})

t.test('P-16 401 403 404: operators only, not on accounts of their own, and no id of another kind', async (t) => {
  const own = await world.person('Kim', { email: 'kim@operators.example' })
  const kim = await world.operator('kim@operators.example')
  await ok(world.post('/v1/me/closure', {}, own.headers))
  for (const request of [propose(kim, own), cancel(kim, own)]) refused(t, await request, 403, 'access_denied')
  await ok(propose(alma, own))
  refused(t, await approve(kim, own), 403, 'access_denied')
  for (const accountId of [publicId('account', newId()), publicId('company', newId()), 'x'])
    for (const request of [propose(alma, { accountId }), approve(alma, { accountId }), cancel(alma, { accountId })])
      refused(t, await request, 404, 'not_found')
  refused(t, await propose(olga, own), 401, 'not_signed_in')
  refused(t, await send('POST', pathOf(own), alma, { reason: '' }), 400, 'invalid_input')
})

t.test('P-16 database: four eyes, one open request, an end that stays, and an anonymised account that stays so', async (t) => {
  const lea = await closed('Lea')
  const request = (values: string) =>
    world.asService(
      `insert into anonymisations (id, account_id, status, requested_by_kind, requested_by_id, approved_by_id, due_at, ended_at) values (gen_random_uuid(), '${uuid(lea)}', ${values})`
    )
  await t.rejects(request("'done', 'operator', 'one', 'one', null, now()"), /anonymisations_four_eyes/)
  await t.rejects(request("'done', 'operator', 'one', null, null, now()"), /anonymisations_four_eyes/)
  await t.rejects(request("'scheduled', 'account', 'x', null, null, null"), /anonymisations_scheduled_has_time/)
  await request("'proposed', 'operator', 'one', null, null, null")
  await t.rejects(request("'scheduled', 'account', 'x', null, now(), null"), /anonymisations_one_open/)
  await world.asService("update anonymisations set status = 'cancelled', ended_at = now() where account_id = $1", [uuid(lea)])
  for (const change of ["set status = 'proposed', ended_at = null", "set requested_by_id = 'another'"])
    await t.rejects(world.asService(`update anonymisations ${change} where account_id = $1`, [uuid(lea)]), /a request to erase ends once/)
  await t.rejects(world.asService('delete from anonymisations where account_id = $1', [uuid(lea)]), /a request to erase ends once/)
  await ok(propose(alma, lea))
  await ok(approve(bruno, lea))
  for (const change of ["status = 'closed'", "first_name = 'Lea'"])
    await t.rejects(world.asService(`update accounts set ${change} where id = $1`, [uuid(lea)]), /an anonymised account stays so/)
})

// Ids, codes of closed lists, keys: nothing that somebody could write about themselves.
const codes =
  /\.(.+_)?(id|ids|kind|kinds|status|role|roles|level|source|code|policy|affiliation|plan|size|purpose|mode|origin|action|resource|subject|type|author|visibility|currency|intent|locale|country|clear|doubt|scopes|permissions|challenge|error|kid|jwk|grants|enforcement|zone|key|end_reason|lift_reason|types)$/

t.test('P-16: every column that can hold words is known to the erasure; whoever adds one looks after it there', async (t) => {
  const words = (await columnsOfWords(world)).filter((name) => !codes.test(name) && name !== 'ended_memberships.reason')
  t.strictSame(words, [
    'accounts.first_name',
    'accounts.last_name',
    'accounts.password_hash',
    'appeal_messages.text',
    // Never a word of anybody: what has some is in audit_personal.
    'audit_events.detail',
    'audit_personal.values',
    'custom_roles.description',
    'custom_roles.name',
    'domains.domain',
    'duplicate_cases.decision_reason',
    'duplicate_exceptions.reason',
    'emails.address',
    'emails.canonical',
    'enforcement_actions.note',
    'enforcement_actions.remedy',
    'events.after',
    'events.before',
    'freelancer_profiles.overview',
    'freelancer_profiles.skills',
    'freelancer_profiles.title',
    'identity_verifications.defects',
    'invitations.canonical',
    'invitations.email',
    'invitations.message',
    'join_links.domains',
    'join_requests.email',
    'join_requests.message',
    'join_requests.reason',
    // Operators and services are no accounts.
    'operators.email',
    'organizations.description',
    'organizations.legal_name',
    'organizations.logo_url',
    'organizations.name',
    'organizations.skills',
    'organizations.tagline',
    'organizations.vat_number',
    'organizations.website',
    'outbox.data',
    'service_clients.name',
    'sessions.device',
    'sessions.place',
    'sessions.user_agent',
    'sharing_signals.device',
    'sharing_signals.other_device',
    'sharing_signals.other_place',
    'sharing_signals.place',
    'specialised_profiles.overview',
    'specialised_profiles.skills',
    'specialised_profiles.title',
    'teams.name'
  ])
})
