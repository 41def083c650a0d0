import { Secret, TOTP } from 'otpauth'
import t from 'tap'
import { newId, parseId, publicId } from '../../src/http/ids.ts'
import { problemFault } from '../support/problems.ts'
import { openWorld, type Person } from '../support/world.ts'

const world = await openWorld(t)
const { inject, post, sql } = world
const support = await world.operator('support@guildhall.example')
const olga = await world.person('Olga')
const max = await world.person('Max')
const own = await world.operator(olga.email)

const remove = (accountId: string, what: 'sessions' | 'totp', by: { headers: object } = support) =>
  inject({ method: 'DELETE', url: `/v1/accounts/${accountId}/${what}`, headers: { ...by.headers } })

async function enrol(who: Person): Promise<void> {
  const { secret } = (await post('/v1/me/totp', {}, who.headers)).json()
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate()
  const confirmed = await post('/v1/me/totp/confirmation', { code }, who.headers)
  if (confirmed.statusCode !== 200) throw new Error(confirmed.body)
}

t.test('S-4 200: an operator signs somebody out everywhere, at once; the person is told, once', async (t) => {
  await world.signIn(max)
  const ended = await remove(max.accountId, 'sessions')
  t.match([ended.statusCode, ended.json()], [200, { ended: 2 }])
  t.equal((await inject({ url: '/v1/me', headers: max.headers })).statusCode, 401)
  t.equal((await post('/v1/sessions/refresh', { refreshToken: max.refreshToken })).statusCode, 401)
  t.match((await world.mails(max.email)).at(-1)!.subject, /signed you out/)
  const [event] = await sql<{ actor_id: string; detail: object }>(
    `select actor_id, detail from audit_events where action = 'sessions.ended' and resource = $1`,
    [max.accountId]
  )
  t.match(event, { actor_id: parseId('operator', support.clientId), detail: { reason: 'support' } })
  t.match((await remove(max.accountId, 'sessions')).json(), { ended: 0 })
  t.equal((await world.mails(max.email)).filter(({ subject }) => /signed you out/.test(subject)).length, 1)
  t.equal((await world.signIn(max)).statusCode, 201)
})

t.test('S-7 204: an operator removes a lost second factor, and the person signs in with the password again', async (t) => {
  Object.assign(max, (await world.signIn(max)).json())
  max.headers = { authorization: `Bearer ${max.accessToken}` }
  t.equal(problemFault(await remove(max.accountId, 'totp'), 'totp_not_enabled'), undefined)
  await enrol(max)
  t.equal(problemFault(await world.signIn(max), 'second_factor_required'), undefined)
  t.equal((await remove(max.accountId, 'totp')).statusCode, 204)
  t.equal((await world.signIn(max)).statusCode, 201)
  t.match((await world.mails(max.email)).map(({ text }) => text).join(), /Our support removed the second factor/)
  t.equal((await sql('select from recovery_codes where account_id = $1', [parseId('account', max.accountId)])).length, 0)
  t.match(await sql(`select actor_kind from audit_events where action = 'second_factor.removed' and resource = $1`, [max.accountId]), [
    { actor_kind: 'operator' }
  ])
})

t.test('S-1, S-7: a password that is too short to stand alone ends with the factor, and a link for another is mailed', async (t) => {
  await enrol(olga)
  const short = 'nutmeg heron'
  const changed = await inject({
    method: 'PUT',
    url: '/v1/me/password',
    headers: olga.headers,
    payload: { currentPassword: olga.password, newPassword: short }
  })
  t.equal(changed.statusCode, 204)
  t.equal((await remove(olga.accountId, 'totp')).statusCode, 204)
  t.equal((await world.signIn({ ...olga, password: short })).statusCode, 401)
  const token = await world.mailedToken(olga.email, 'ghp')
  t.ok((await post('/v1/password-resets/confirm', { token, password: olga.password })).statusCode < 300)
  t.equal((await world.signIn(olga)).statusCode, 201)
})

t.test('S-4, S-7 401, 403, 404: only operators, not on their own account, and not on nobody’s', async (t) => {
  for (const what of ['sessions', 'totp'] as const) {
    t.equal(problemFault(await remove(olga.accountId, what, max), 'not_signed_in'), undefined)
    t.equal(problemFault(await remove(olga.accountId, what, own), 'access_denied'), undefined)
    for (const id of [publicId('account', newId()), publicId('company', newId()), 'x'])
      t.equal(problemFault(await remove(id, what), 'not_found'), undefined)
  }
})
