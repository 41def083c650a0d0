import type { LightMyRequestResponse as Response } from 'fastify'
import t, { type Test } from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { inviting } from '../support/invitations.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { long, openWorld, type Person, registration, rounds } from '../support/world.ts'

if (long) t.setTimeout(900_000)
const world = await openWorld(t, {
  instances: 2,
  env: {
    COMPANIES_PER_ACCOUNT: '1000',
    PLAN_COMPANY_PLUS: 'teams=2,admins=1,members=2,customRoles=0',
    // What waits for its turn on a busy machine is to be answered by the rules, not by the clock.
    LOCK_TIMEOUT_MS: '10000',
    STATEMENT_TIMEOUT_MS: '10000'
  }
})
const { sql } = world
const { ok, found, join, send, memberIdOf } = organizations(world)
const { invite, invited, accept, decline, register, resend, revoke, edit, mailed, see, prove, eventsOf, memberOf } = inviting(world)
const olga = await world.person('Olga')
const acme = await found(olga)

let count = 0
const anybody = (): Promise<Person> => world.person('Guest', { email: `guest${count++}@example.com` })
const nobody = (): string => `nobody${count++}@example.com`
const outcome = (answer: Response): string => (answer.statusCode < 300 ? String(answer.statusCode) : answer.json().code)
/** What became of requests that started together. */
const together = async (...answers: Array<Promise<Response>>): Promise<string> => (await Promise.all(answers)).map(outcome).join(' ')
function among(t: Test, is: string, ...allowed: string[]): void {
  t.ok(allowed.includes(is), `${is}, out of ${allowed.join(' | ')}`)
}
const seats = async (place: Place): Promise<number> => {
  const [row] = await sql<{ taken: number }>(
    `select ((select count(*) from memberships where organization_id = $1)
      + (select count(*) from invitations where organization_id = $1 and status = 'pending' and expires_at > now()))::int as taken`,
    [parseId('company', place.id)]
  )
  return row!.taken
}

t.test('N-5, N-6 at once: fifty acceptances of one invitation by one account make one membership', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const guest = await anybody()
    const sent = await invited(acme, guest.email, { grants: [{ role: 'recruiter' }] })
    const token = await mailed(guest.email)
    const ways = [{ token }, { token: sent.copied }, { invitationId: sent.id }]
    const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => accept(guest, ways[index % 3]!, index)))
    const member = await memberOf(acme, guest)
    t.strictSame(
      [...new Set(answers.map(({ statusCode, body }) => `${statusCode} ${body}`))],
      [`200 ${JSON.stringify({ organization: { kind: 'company', id: acme.id, name: 'olga@example.com Ltd' }, memberId: member!.id })}`]
    )
    t.strictSame(await eventsOf(member!.id), ['member.joined'])
    t.strictSame(await eventsOf(sent.id), ['invitation.created', 'invitation.accepted'])
    t.equal((await sql('select from outbox where kind = $1 and status = $2', ['invitation_accepted', 'waiting'])).length, 1)
    await world.mails()
  }
})

t.test('N-4 at once: accepting against revoking, declining, sending again: one of the two happens', async (t) => {
  const others = {
    revoke: {
      run: (sent: { url: string }, _: Person, __: string) => revoke(sent, olga, 1),
      lost: 'invitation_not_pending',
      status: 'revoked'
    },
    decline: { run: (_: object, guest: Person, token: string) => decline(guest, { token }, 1), lost: 'token_dead', status: 'declined' },
    resend: { run: (sent: { url: string }) => resend(sent, olga, {}, 1), lost: 'invitation_not_pending', status: 'pending' }
  }
  for (const [name, { run, lost, status }] of Object.entries(others)) {
    for (let round = 0; round < rounds(4); round++) {
      const guest = await anybody()
      const sent = await invited(acme, guest.email)
      const token = await mailed(guest.email)
      const [accepting, against] = [() => accept(guest, { token }), () => run(sent, guest, token)]
      const is =
        round % 2 ? await together(accepting(), against()) : (await together(against(), accepting())).split(' ').reverse().join(' ')
      among(t, is, `200 ${lost}`, 'token_dead 200')
      const accepted = is.startsWith('200')
      t.equal((await see(sent, olga)).status, accepted ? 'accepted' : status, name)
      t.equal(Boolean(await memberOf(acme, guest)), accepted, name)
    }
  }
})

t.test('N-3 at once: one address is invited once, however often it is asked for', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const email = nobody()
    const spelled = [email, email.toUpperCase(), email]
    const bulk = send('POST', `${acme.url}/invitations/bulk`, olga, { invitations: [{ email }, { email }] }, 1)
    const answers = await Promise.all([...spelled.map((each, index) => invite(acme, olga, { email: each }, index)), bulk])
    const codes = answers.flatMap((answer) =>
      answer.statusCode === 200
        ? answer.json().items.map((item: { problem?: { code: string } }) => item.problem?.code ?? '201')
        : [outcome(answer)]
    )
    t.strictSame(codes.sort(), ['201', ...Array.from({ length: 4 }, () => 'invitation_pending')])
    t.equal((await sql(`select from invitations where canonical = $1`, [email])).length, 1)
    t.equal((await world.mails()).filter(({ to }) => to.toLowerCase() === email).length, 1)
  }
})

t.test('N-11 at once: the last seat goes to one', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const [one, two, three] = [await anybody(), await anybody(), await anybody()]
    const joining = (place: Place, person: Person) =>
      join(place, person, [], { source: 'join_link' }, 1).then(
        () => 'joined',
        ({ code }: { code: string }) => code
      )
    const place = await found(olga, 'company', 'plus')
    await join(place, one)
    among(
      t,
      await together(invite(place, olga, { email: nobody() }), invite(place, olga, { email: nobody() }, 1)),
      '201 plan_upgrade_required',
      'plan_upgrade_required 201'
    )
    t.equal(await seats(place), 3)

    const second = await found(olga, 'company', 'plus')
    await join(second, one)
    const [made, came] = await Promise.all([invite(second, olga, { email: nobody() }), joining(second, two)])
    among(t, `${outcome(made)} ${came}`, '201 plan_upgrade_required', 'plan_upgrade_required joined')
    t.equal(await seats(second), 3)

    // Those who were invited have their seats, whoever else comes.
    const third = await found(olga, 'company', 'plus')
    for (const person of [one, two]) await invited(third, person.email, { grants: person === one ? [{ role: 'admin' }] : [] })
    const tokens = [await mailed(one.email), await mailed(two.email)]
    const [first, next, other, more] = await Promise.all([
      accept(one, { token: tokens[0]! }),
      accept(two, { token: tokens[1]! }, 1),
      joining(third, three),
      invite(third, olga, { email: nobody(), grants: [{ role: 'admin' }] }, 1)
    ])
    t.strictSame([outcome(first), outcome(next), other, outcome(more)], ['200', '200', 'plan_upgrade_required', 'plan_upgrade_required'])
    t.equal(await seats(third), 3)
  }
})

t.test('P-1, N-5 at once: registering twice by one link makes one account', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const email = nobody()
    const sent = await invited(acme, email)
    const token = await mailed(email)
    const is = await together(...Array.from({ length: 4 }, (_, index) => register(token, {}, index)))
    t.strictSame(
      [...new Set(is.split(' '))].filter((each) => !['201', 'account_exists', 'token_dead'].includes(each)),
      [],
      is
    )
    t.equal(is.split(' ').filter((each) => each === '201').length, 1, is)
    const accounts = await sql<{ id: string }>('select account_id as id from emails where canonical = $1', [email])
    t.equal(accounts.length, 1)
    t.equal((await see(sent, olga)).status, 'accepted')
    t.equal((await sql('select from memberships where account_id = $1', [accounts[0]!.id])).length, 1)
    t.equal((await sql(`select from sessions where account_id = $1`, [accounts[0]!.id])).length, 1)
  }
})

t.test('P-1, N-5 at once: registering by the link against the proof of another registration of the address', async (t) => {
  for (let round = 0; round < rounds(4); round++) {
    const email = nobody()
    await world.post('/v1/accounts', { ...registration, email })
    const proof = await world.mailedToken(email, 'ghv')
    const sent = await invited(acme, email)
    const token = await mailed(email)
    const proving = () => world.post('/v1/email-verifications', { token: proof }, {}, 1)
    const is =
      round % 2 ? await together(register(token), proving()) : (await together(proving(), register(token))).split(' ').reverse().join(' ')
    among(t, is, '201 token_dead', 'account_exists 200')
    const accounts = await sql<{ id: string }>('select account_id as id from emails where canonical = $1 and verified_at is not null', [
      email
    ])
    t.equal(accounts.length, 1)
    t.equal((await sql('select from emails where canonical = $1', [email])).length, 1, 'of the other nothing is left')
    t.equal((await see(sent, olga)).status, is.startsWith('201') ? 'accepted' : 'pending')
  }
})

t.test('N-6 at once: accepting against the removal of the inviter; and the admins are told once', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const place = await found(olga)
    const [hana, guest] = [await anybody(), await anybody()]
    const id = await join(place, hana, [{ role: 'hiring_manager' }])
    const sent = await invited(place, guest.email, {}, hana)
    const token = await mailed(guest.email)
    const is = await together(accept(guest, { token }), send('DELETE', `${place.url}/members/${id}`, olga, undefined, 1))
    among(t, is, '200 204', 'inviter_no_longer_entitled 204')
    t.equal((await see(sent, olga)).status, is.startsWith('200') ? 'accepted' : 'pending')
    t.equal(Boolean(await memberOf(place, guest)), is.startsWith('200'))

    const before = (await world.mails(olga.email)).length
    const late = await invited(place, nobody())
    await sql('update invitations set inviter_account_id = $2 where id = $1', [
      parseId('invitation', late.id),
      parseId('account', hana.accountId)
    ])
    const link = await mailed(late.email).catch(() => '')
    t.strictSame(
      await together(...Array.from({ length: 4 }, (_, index) => register(link, {}, index))),
      Array(4).fill('inviter_no_longer_entitled').join(' ')
    )
    t.equal((await world.mails(olga.email)).length, before + 1)
  }
})

t.test('N-3 at once: two invitations to one person are one membership; a change of the offer is taken as a whole or not', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const guest = await anybody()
    const email = nobody()
    await prove(guest, email)
    const [one, two] = [await invited(acme, guest.email), await invited(acme, email, { grants: [{ role: 'recruiter' }] })]
    const is = await together(accept(guest, { invitationId: one.id }), accept(guest, { invitationId: two.id }, 1))
    among(t, is, '200 token_dead', 'token_dead 200')
    t.strictSame([(await see(one, olga)).status, (await see(two, olga)).status].sort(), ['accepted', 'superseded'])
    t.strictSame(await eventsOf(await memberIdOf(acme, guest)), ['member.joined'])

    const next = await anybody()
    const sent = await invited(acme, next.email)
    const grants = [{ role: 'recruiter' }, { role: 'finance' }]
    const edited = await together(accept(next, { invitationId: sent.id }), edit(sent, olga, sent.etag, { grants }, 1))
    among(t, edited, '200 200', '200 invitation_not_pending', '200 stale_version')
    const [member, invitation] = [await memberOf(acme, next), await see(sent, olga)]
    const keys = (list: Array<{ role: string }>) => list.map(({ role }) => role).sort()
    t.strictSame(keys(member!.grants), keys(invitation.grants), edited)
    t.equal(invitation.grants.length, edited === '200 200' ? 2 : 1)
    await ok(send('GET', `${acme.url}/invitations`, olga))
  }
})
