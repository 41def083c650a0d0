import { domainToASCII } from 'node:url'
import t from 'tap'
import { canonicalEmail } from '../../src/accounts/email-address.ts'
import { deliverAll } from '../../src/mail/deliver.ts'
import { long, openWorld, type Person, registration, rounds } from '../support/world.ts'

if (long) t.setTimeout(1_800_000)

const world = await openWorld(t, { instances: 2, env: { LOCK_TIMEOUT_MS: '10000', STATEMENT_TIMEOUT_MS: '10000' } })
const { post } = world

type Answer = Awaited<ReturnType<typeof post>>

const times = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)))

/** How often each status was answered. */
const statuses = (answers: Answer[]): Record<number, number> =>
  Object.fromEntries([...Map.groupBy(answers, ({ statusCode }) => statusCode)].map(([status, group]) => [status, group.length]))

const canonical = (email: string): string => {
  const result = canonicalEmail(email)
  return result.ok ? result.canonical : ''
}

/** Sends what waits, with the workers of both instances, and answers the tokens in it for an address in any spelling. */
async function tokens(email: string, prefix: string): Promise<string[]> {
  await Promise.all(world.allParts.map((parts) => deliverAll(parts, world.mailer)))
  const mails = world.sent.filter(({ to }) => canonical(to) === canonical(email))
  return mails.flatMap(({ text }) => new RegExp(`${prefix}_[\\w-]{49}`).exec(text)?.[0] ?? [])
}

/** One address in different letters: case everywhere, and the domain as U-label or A-label. */
function spelling(round: number, index: number): string {
  const domain = `bücher${round}.example`
  const text = `olga.oak@${index % 2 === 0 ? domain : domainToASCII(domain)}`
  return [...text].map((letter, place) => ((index >> 1) & (1 << (place % 5)) ? letter.toUpperCase() : letter)).join('')
}

const claimsOf = (email: string) =>
  world.sql<{ status: string; sessions: number; live_tokens: number }>(
    `select a.status, (select count(*)::int from sessions s where s.account_id = a.id) as sessions,
      (select count(*)::int from mail_tokens m where m.account_id = a.id and m.used_at is null) as live_tokens
      from accounts a join emails e on e.account_id = a.id where e.canonical = $1`,
    [canonical(email)]
  )

const verifyOwn = (person: Person, email: string, token: string, instance: number) =>
  post(`/v1/me/emails/${email}/verify`, { token }, person.headers, instance)

t.test('P-1 P-2 P-11 at once: of fifty registrations of one email in different spellings one becomes the account', async (t) => {
  for (let round = 0; round < rounds(4); round++) {
    const email = spelling(round, 0)
    const spellings = Array.from({ length: 50 }, (_, index) => spelling(round, index))
    t.equal(new Set(spellings.map(canonical)).size, 1)
    t.equal(new Set(spellings).size, 50)
    const registered = await times(50, (index) =>
      post('/v1/accounts', { ...registration, firstName: `Olga${index}`, email: spellings[index] }, {}, index)
    )
    t.strictSame(statuses(registered), { 202: 50 })
    t.equal(new Set(registered.map(({ body }) => body)).size, 1)
    const proofs = await tokens(email, 'ghv')
    t.equal(new Set(proofs).size, 50, 'each has a proof of its own')

    const proven = await times(50, (index) => post('/v1/email-verifications', { token: proofs[index] }, {}, index))
    t.strictSame(statuses(proven), { 200: 1, 410: 49 })
    t.strictSame(await claimsOf(email), [{ status: 'active', sessions: 1, live_tokens: 0 }], 'nothing is left of the others')
    t.strictSame(await world.sql('select id from accounts a where not exists (select from emails e where e.account_id = a.id)'), [])
    const { account, session } = proven.find(({ statusCode }) => statusCode === 200)!.json()
    const me = await world.inject({ url: '/v1/me', headers: { authorization: `Bearer ${session.accessToken}` } }, round)
    t.strictSame(me.json(), account)
  }
})

t.test('P-3 P-11 at once: of any number of tries of one proof token one succeeds', async (t) => {
  for (let round = 0; round < rounds(6); round++) {
    const email = `once${round}@example.com`
    await post('/v1/accounts', { ...registration, email }, {}, round)
    const [token] = await tokens(email, 'ghv')
    const tries = round % 2 === 0 ? 2 : 10
    t.strictSame(statuses(await times(tries, (index) => post('/v1/email-verifications', { token }, {}, index))), { 200: 1, 410: tries - 1 })
    t.strictSame(await claimsOf(email), [{ status: 'active', sessions: 1, live_tokens: 0 }])
  }
})

t.test('P-1 P-11 at once: of two accounts and a registration that prove one address one has it', async (t) => {
  const anna = await world.person('Anna')
  const bert = await world.person('Bert', { instance: 1 })
  for (let round = 0; round < rounds(5); round++) {
    const email = `shared${round}@example.org`
    await post('/v1/me/emails', { email }, anna.headers)
    const [first] = await tokens(email, 'gha')
    await post('/v1/me/emails', { email }, bert.headers, 1)
    const [, second] = await tokens(email, 'gha')
    await post('/v1/accounts', { ...registration, email })
    const [third] = await tokens(email, 'ghv')

    const answers = await Promise.all([
      verifyOwn(anna, email, first!, round),
      verifyOwn(bert, email, second!, round + 1),
      post('/v1/email-verifications', { token: third }, {}, round)
    ])
    t.strictSame(statuses(answers), { 200: 1, 410: 2 })
    t.equal((await claimsOf(email)).length, 1)
    const winner = answers.findIndex(({ statusCode }) => statusCode === 200)
    for (const [index, person] of [anna, bert].entries()) {
      const { emails } = (await world.inject({ url: '/v1/me', headers: person.headers }, index)).json()
      t.equal(emails.length, winner === index ? 2 : 1)
      if (winner === index) await world.inject({ method: 'DELETE', url: `/v1/me/emails/${email}`, headers: person.headers })
    }
  }
})

t.test('P-1 at once: two accounts that each prove what the other claims never block each other', async (t) => {
  const carl = await world.person('Carl')
  const dora = await world.person('Dora', { instance: 1 })
  for (let round = 0; round < rounds(5); round++) {
    const emails = [`left${round}@example.org`, `right${round}@example.org`] as const
    for (const email of emails) {
      await post('/v1/me/emails', { email }, carl.headers)
      // Sent before the next one is asked for: two workers would send them in any order.
      await tokens(email, 'gha')
      await post('/v1/me/emails', { email }, dora.headers)
    }
    const [[left], [, right]] = [await tokens(emails[0], 'gha'), await tokens(emails[1], 'gha')]
    const answers = await Promise.all([verifyOwn(carl, emails[0], left!, round), verifyOwn(dora, emails[1], right!, round + 1)])
    t.strictSame(statuses(answers), { 200: 2 })
    for (const [index, person] of [carl, dora].entries()) {
      const view = (await world.inject({ url: '/v1/me', headers: person.headers })).json()
      t.match(view.emails, [{ primary: true }, { address: emails[index], verified: true }])
      await world.inject({ method: 'DELETE', url: `/v1/me/emails/${emails[index]}`, headers: person.headers })
    }
  }
})

t.test('S-4 at once: a reset token used ten times sets one password', async (t) => {
  const rita = await world.person('Rita')
  for (let round = 0; round < rounds(4); round++) {
    await post('/v1/password-resets', { email: rita.email }, {}, round)
    const token = (await tokens(rita.email, 'ghp')).at(-1)
    const password = (index: number) => `violet harbour nineteen lamps ${round} ${index}`
    const answers = await times(10, (index) => post('/v1/password-resets/confirm', { token, password: password(index) }, {}, index))
    t.strictSame(statuses(answers), { 200: 1, 410: 9 })
    const winner = answers.findIndex(({ statusCode }) => statusCode === 200)
    t.equal((await world.signIn({ ...rita, password: password(winner) }, round)).statusCode, 201)
    t.equal((await world.signIn({ ...rita, password: password((winner + 1) % 10) }, round)).statusCode, 401)
  }
})

t.test('S-4 at once: an undo token used ten times undoes once', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const uma = await world.person('Uma', { email: `uma${round}@example.com` })
    const email = `uma${round}@example.net`
    await post('/v1/me/emails', { email }, uma.headers)
    await verifyOwn(uma, email, (await tokens(email, 'gha'))[0]!, round)
    await world.inject({ method: 'PUT', url: `/v1/me/emails/${email}/primary`, headers: uma.headers })
    const [token] = await tokens(uma.email, 'ghu')
    t.strictSame(statuses(await times(10, (index) => post('/v1/email-changes/undo', { token }, {}, index))), { 200: 1, 410: 9 })
    t.equal((await tokens(uma.email, 'ghp')).length, 1, 'one link for a new password')
  }
})
