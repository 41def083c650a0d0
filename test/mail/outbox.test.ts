import t from 'tap'
import { deliverAll, deliverMail, recoverMails } from '../../src/mail/deliver.ts'
import type { Mailer, Message } from '../../src/mail/mailer.ts'
import { openWorld, registration } from '../support/world.ts'

const world = await openWorld(t, { instances: 2, env: { LIMIT_RECOVERY_MAIL: '3/d', MAIL_ATTEMPTS: '5', MAIL_RETRY_SECONDS: '2' } })
const { post, parts } = world

const register = (email: string) => post('/v1/accounts', { ...registration, email })
const resend = (email: string) => post('/v1/email-verifications/resend', { email })
const reset = (email: string) => post('/v1/password-resets', { email })
const confirm = (token: string) => post('/v1/password-resets/confirm', { token, password: 'violet harbour nineteen lamps' })

interface OutboxRow {
  id: string
  kind: string
  status: string
  attempts: number
  last_error: string | null
  data: object
}
const outbox = () => world.sql<OutboxRow>('select id, kind, status, attempts, last_error, data from outbox order by created_at, id')
const newest = async () => (await outbox()).at(-1)!

/** A mail server that refuses so many mails before it takes one. */
function failing(times: number): Mailer & { tried: Message[] } {
  const tried: Message[] = []
  return {
    tried,
    async send(message) {
      tried.push(message)
      if (tried.length <= times) throw Object.assign(new Error(`451 try again later, ${message.to}`), { code: 'EENVELOPE' })
    },
    async close() {}
  }
}

const tokenIn = ({ text }: Message): string => /gh[a-z]_[\w-]{49}/.exec(text)![0]

t.test('P-2 202: a mail that could not be sent is tried again, with growing pauses, as the same mail with the same token', async (t) => {
  await register('rita@retry.example')
  const { id } = await newest()
  const mailer = failing(3)
  for (const pause of [2, 4, 8]) {
    t.equal(await deliverMail(parts, mailer, id), 'retrying')
    const [job] = await world.sql<{ seconds: number }>(
      `select extract(epoch from run_at - now())::float8 as seconds from graphile_worker.jobs where key = $1`,
      [`mail:${id}`]
    )
    t.ok(job!.seconds > pause - 1.5 && job!.seconds <= pause, `after ${job!.seconds} seconds`)
  }
  t.match(await newest(), { status: 'waiting', attempts: 3, last_error: 'EENVELOPE' }, 'only the code of the failure is kept')
  t.equal(await deliverMail(parts, mailer, id), 'sent')
  t.equal(await deliverMail(parts, mailer, id), 'done before')

  t.equal(mailer.tried.length, 4)
  t.equal(new Set(mailer.tried.map(({ messageId }) => messageId)).size, 1)
  t.match(mailer.tried[0]!.messageId, new RegExp(`^<${id}@guildhall\\.test>$`))
  t.equal(new Set(mailer.tried.map(tokenIn)).size, 1)
  t.match(await newest(), { status: 'sent', data: {} })
  t.equal((await post('/v1/email-verifications', { token: tokenIn(mailer.tried[0]!) })).statusCode, 200)
})

t.test('P-2 202: after the last try a mail is parked, and its link still works if it arrived after all', async (t) => {
  await register('paul@parked.example')
  const { id } = await newest()
  const mailer = failing(9)
  const outcomes = []
  for (let attempt = 0; attempt < 6; attempt++) outcomes.push(await deliverMail(parts, mailer, id))
  t.strictSame(outcomes, ['retrying', 'retrying', 'retrying', 'retrying', 'parked', 'done before'])
  t.match(await newest(), { status: 'parked', attempts: 5 })
  t.equal((await post('/v1/email-verifications', { token: tokenIn(mailer.tried[0]!) })).statusCode, 200)
})

t.test('P-2 202: the owner of a known address is told even when the mail server refuses at first', async (t) => {
  const kim = await world.person('Kim')
  const lea = await world.person('Lea')
  const asking = {
    'You already have an account': () => register(kim.email),
    'Somebody tried to add your email address': () => post('/v1/me/emails', { email: kim.email }, lea.headers)
  }
  for (const [subject, ask] of Object.entries(asking)) {
    await ask()
    const { id } = await newest()
    const mailer = failing(4)
    for (let attempt = 0; attempt < 4; attempt++) t.equal(await deliverMail(parts, mailer, id), 'retrying', subject)
    t.equal(await deliverMail(parts, mailer, id), 'sent', 'a try does not count against the limit again')
    for (const mail of mailer.tried) t.match(mail, { to: kim.email, subject })
  }
  const claims = await world.sql(`select from emails where canonical = $1 and verified_at is null and is_primary`, [kim.email])
  t.equal(claims.length, 1, 'the claim stays until it is cleaned up, like one to a free address')
})

t.test('P-2 202: beyond its share an address gets no more mails, and nobody sees it from the answers', async (t) => {
  const olga = await world.person('Olga')
  await register('nora@share.example')
  const asked: Array<[string, number, () => ReturnType<typeof post>]> = [
    ['nora@share.example', 3, () => resend('Nora@Share.EXAMPLE')],
    [olga.email, 3, () => reset('OLGA@example.com')],
    [olga.email, 3, () => register(olga.email)]
  ]
  for (const [email, share, ask] of asked) {
    await world.mails()
    const before = world.sent.filter(({ to }) => to === email).length
    const expected = email === olga.email ? before + share : share
    const answers = []
    for (let request = 0; request < 5; request++) {
      answers.push(await ask())
      await world.mails()
    }
    t.equal(world.sent.filter(({ to }) => to === email).length, expected, email)
    t.strictSame([...new Set(answers.map(({ statusCode, body }) => `${statusCode} ${body}`))], ['202 {"status":"accepted"}'])
    t.equal((await newest()).status, 'skipped')
  }
  const last = world.sent.findLast(({ text }) => /ghp_/.test(text))!
  t.equal((await confirm(tokenIn(last))).statusCode, 200, 'the last link that was sent is not spoilt by those that were not')
})

t.test('S-4 200: whoever undoes a change of the address gets a link for a new password, whatever strangers asked for before', async (t) => {
  const uma = await world.person('Uma')
  await post('/v1/me/emails', { email: 'uma@evil.example' }, uma.headers)
  await post('/v1/me/emails/uma@evil.example/verify', { token: await world.mailedToken('uma@evil.example', 'gha') }, uma.headers)
  await world.inject({ method: 'PUT', url: '/v1/me/emails/uma@evil.example/primary', headers: uma.headers })
  for (let request = 0; request < 4; request++) await reset(uma.email)
  const [stale] = (await world.mails(uma.email)).filter(({ text }) => /ghp_/.test(text)).slice(-1)
  await post('/v1/email-changes/undo', { token: await world.mailedToken(uma.email, 'ghu') })
  const token = await world.mailedToken(uma.email, 'ghp')
  t.not(token, tokenIn(stale!))
  t.equal((await confirm(tokenIn(stale!))).statusCode, 410)
  t.equal((await confirm(token)).statusCode, 200)
})

t.test('S-4 200: of two resets whose mails overtake each other the later one works', async (t) => {
  const vera = await world.person('Vera')
  await reset(vera.email)
  const first = await newest()
  await reset(vera.email)
  const second = await newest()
  t.equal(await deliverMail(parts, world.mailer, second.id), 'sent')
  t.equal(await deliverMail(parts, world.mailer, first.id), 'skipped')
  const sent = world.sent.filter(({ to, text }) => to === vera.email && /ghp_/.test(text))
  t.equal(sent.length, 1)
  t.equal((await confirm(tokenIn(sent[0]!))).statusCode, 200)
})

t.test('P-2 at once: of any number of workers one sends a mail', async (t) => {
  for (let round = 0; round < 3; round++) {
    await register(`wim${round}@workers.example`)
    const { id } = await newest()
    const outcomes = await Promise.all(Array.from({ length: 8 }, (_, index) => deliverMail(world.allParts[index % 2]!, world.mailer, id)))
    t.strictSame(outcomes.sort(), [...Array(7).fill('done before'), 'sent'])
    t.equal((await world.mails(`wim${round}@workers.example`)).length, 1)
  }
})

t.test('P-2 202: a mail whose worker died in the middle is sent by another one, as the same mail', async (t) => {
  await register('xena@died.example')
  const { id } = await newest()
  let dying: Message | undefined
  const hangs: Mailer = { send: (message) => new Promise(() => (dying = message)), close: async () => {} }
  void deliverMail(parts, hangs, id)
  while (!dying) await new Promise(setImmediate)
  t.equal(await deliverMail(parts, world.mailer, id), 'done before', 'while it is in hand nobody else takes it')
  t.equal(await recoverMails(parts), 0)

  await world.sql(`update outbox set leased_until = now() - interval '1 second' where id = $1`, [id])
  await world.sql(`delete from graphile_worker._private_jobs where key = $1`, [`mail:${id}`])
  t.equal(await recoverMails(parts), 1)
  t.equal((await world.sql('select from graphile_worker.jobs where key = $1', [`mail:${id}`])).length, 1)
  t.equal(await recoverMails(parts), 0, 'queued once')
  t.equal(await deliverMail(parts, world.mailer, id), 'sent')
  t.strictSame((await world.mails('xena@died.example'))[0], dying)
})

t.test('P-2 202: what is no longer true when a mail is sent is not said', async (t) => {
  await register('yara@overtaken.example')
  await register('yara@overtaken.example')
  const [early, late] = (await outbox()).slice(-2)
  await deliverMail(parts, world.mailer, early!.id)
  await post('/v1/email-verifications', { token: tokenIn(world.sent.at(-1)!) })
  const before = world.sent.length
  t.equal(await deliverMail(parts, world.mailer, late!.id), 'skipped', 'the claim ended with the proof of the other')

  await register('yara@overtaken.example')
  await resend('yara@overtaken.example')
  t.equal(await deliverMail(parts, world.mailer, (await newest()).id), 'skipped', 'no proof for a claim that came too late')

  await reset('yara@overtaken.example')
  const { id } = await newest()
  await world.sql(
    `update accounts set status = 'closed', closed_at = now() where id = (select account_id from emails where canonical = 'yara@overtaken.example' and verified_at is not null)`
  )
  t.equal(await deliverMail(parts, world.mailer, id), 'sent')
  t.equal(world.sent.length, before + 1)
  t.match(world.sent.at(-1), { subject: 'Your account is closed' }, 'nor is a closed account reset')
})

t.test('P-2 204: a mail is asked for together with its change, or not at all', async (t) => {
  const zoe = await world.person('Zoe')
  await post('/v1/me/emails', { email: 'zoe@new.example' }, zoe.headers)
  await post('/v1/me/emails/zoe@new.example/verify', { token: await world.mailedToken('zoe@new.example', 'gha') }, zoe.headers)
  await deliverAll(parts, world.mailer)
  const before = (await outbox()).length
  const url = '/v1/me/emails/zoe@new.example'
  await world.inject({ method: 'DELETE', url: `${url}?dryRun=true`, headers: zoe.headers })
  t.equal((await outbox()).length, before, 'a dry run is undone with its mail')
  await world.inject({ method: 'DELETE', url, headers: zoe.headers })
  t.equal((await outbox()).length, before + 1)
  const { id } = await newest()
  t.equal((await world.sql('select from graphile_worker.jobs where key = $1', [`mail:${id}`])).length, 1, 'with its job')
})
