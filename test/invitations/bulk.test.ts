import t from 'tap'
import { inviting, type Row, rowsOf } from '../support/invitations.ts'
import { organizations } from '../support/organizations.ts'
import { refused } from '../support/problems.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld(t, { env: { COMPANIES_PER_ACCOUNT: '1000' } })
const { send, found, join, team } = organizations(world)
const { bulk, csv } = inviting(world)

const olga = await world.person('Olga')
const otto = await world.person('Otto')
const [hana, remy, max] = [await world.person('Hana'), await world.person('Remy'), await world.person('Max')]
const acme = await found(olga)
await join(acme, hana, [{ role: 'hiring_manager' }])
await join(acme, remy, [{ role: 'recruiter' }])
await join(acme, max, [{ role: 'member' }])

let count = 0
/** An address that nobody has used yet. */
const fresh = (): string => `guest${count++}@example.com`

t.test('N-7 200: fifty in one call, each with its own outcome; sending the list again invites nobody twice', async (t) => {
  const place = await found(olga)
  const list = Array.from({ length: 46 }, (_, index) => ({ email: `bulk${index}@example.com`, grants: [{ role: 'recruiter' }] }))
  const odd = [
    { email: 'no-address' },
    { email: olga.email },
    { email: 'BULK0@example.com' },
    { email: fresh(), grants: [{ role: 'member', teamId: acme.defaultTeamId }] }
  ]
  const answer = await bulk(place, olga, [...list, ...odd])
  t.match([answer.statusCode, answer.json()], [200, { invited: 46, refused: 4 }])
  const { items } = answer.json() as { items: Row[] }
  t.strictSame(
    items.map(({ row, email }) => [row, email]),
    [...list, ...odd].map(({ email }, index) => [index + 1, email])
  )
  t.strictSame(
    items.slice(46).map(({ problem }) => [problem!.status, problem!.code]),
    [
      [422, 'email_invalid'],
      [409, 'already_member'],
      [409, 'invitation_pending'],
      [422, 'unknown_team']
    ]
  )
  for (const item of items.slice(0, 46)) {
    t.match(item.invitation!.link, /#token=ghc_/)
    t.equal(item.problem, undefined)
  }
  t.equal((await world.mails()).filter(({ to }) => /^bulk\d+@/.test(to)).length, 46)
  const again = await bulk(place, olga, [...list, { email: 'bulk46@example.com' }])
  t.match(again.json(), { invited: 1, refused: 46 })
  t.strictSame(new Set(rowsOf(again).slice(0, 46)), new Set(['invitation_pending']))
  t.equal((await world.mails()).filter(({ to }) => /^bulk\d+@/.test(to)).length, 47)
  for (const body of [
    {},
    { invitations: [] },
    { invitations: [...list, ...odd, { email: fresh() }] },
    { invitations: [{ email: fresh() }], csv: 'email\na@example.com' },
    { invitations: [{ email: fresh() }, { mail: fresh() }] },
    { csv: '' }
  ])
    refused(t, await send('POST', `${place.url}/invitations/bulk`, olga, body), 400, 'invalid_input', JSON.stringify(body).slice(0, 60))
})

t.test('N-7 200: a call under one Idempotency-Key is answered once, with the same links', async (t) => {
  for (const [path, payload] of [
    ['', { email: fresh() }],
    ['/bulk', { invitations: [{ email: fresh() }, { email: fresh() }] }]
  ] as const) {
    const request = {
      method: 'POST' as const,
      url: `${acme.url}/invitations${path}`,
      headers: { ...olga.headers, 'idempotency-key': `inviting-${path.length}-of-a-kind` },
      payload
    }
    const [first, again] = [await world.inject(request), await world.inject(request)]
    t.ok(first.statusCode < 300)
    t.equal(again.body, first.body)
  }
})

t.test('N-7 200: a table in CSV, with quotes, line breaks, a mark at its beginning, and lines that end in any way', async (t) => {
  const place = await found(olga)
  const shelf = await team(place, 'Shelf')
  const table = [
    '\uFEFFrole,email , teamId,message,expiresInDays,locale',
    `recruiter,csv1@example.com,${shelf},"Hello ""Ann"", welcome`,
    'on board",3,de',
    'hiring_manager,csv2@example.com,,,,',
    ',"csv3@example.com",,,,',
    ''
  ]
  const answer = await csv(place, olga, table.join('\r\n'))
  t.match([answer.statusCode, answer.json()], [200, { invited: 3, refused: 0 }])
  t.match(answer.json().items, [
    {
      row: 1,
      email: 'csv1@example.com',
      invitation: { grants: [{ role: 'recruiter', teamId: shelf }], message: 'Hello "Ann", welcome\non board', locale: 'de' }
    },
    { row: 2, invitation: { grants: [{ role: 'hiring_manager' }], message: null, locale: 'en' } },
    { row: 3, invitation: { grants: [{ role: 'member', teamId: place.defaultTeamId }] } }
  ])
  const { sentAt, expiresAt } = answer.json().items[0].invitation
  t.equal(Date.parse(expiresAt) - Date.parse(sentAt), 3 * 86_400_000)
  for (const [end, name] of [
    ['\n', 'a'],
    ['\r', 'b'],
    ['\r\n', 'c']
  ])
    t.match((await csv(place, olga, ['email', `${name}1@example.com`, `${name}2@example.com`, ''].join(end))).json(), {
      invited: 2,
      refused: 0
    })
  const mixed = await csv(place, olga, 'email,role\r\nd1@example.com,member\nd2@example.com,member\r\n\nd3@example.com,\n')
  t.match([mixed.statusCode, mixed.json()], [200, { invited: 3, refused: 0 }], 'line ends of both kinds')
  const inJson = await send('POST', `${place.url}/invitations/bulk`, olga, { csv: 'email\ne1@example.com' })
  t.match(inJson.json(), { invited: 1 }, 'as text in JSON')
  const again = await csv(place, olga, table.join('\n'))
  t.match(again.json(), { invited: 0, refused: 3 }, 'sending it again is safe')
})

t.test('N-7 200: a row of a table that is wrong is its own outcome', async (t) => {
  const answer = await csv(
    acme,
    hana,
    `email,role,teamId,message,expiresInDays,locale
,member,,,,
${fresh()},Chief,,,,
${fresh()},member,not-a-team,,,
${fresh()},,,${'x'.repeat(501)},,
${fresh()},,,,soon,
${fresh()},,,,99,
${fresh()},,,,,klingon
${fresh()},admin,,,,
no-address,,,,,
${fresh()},owner,,,,
${fresh()},recruiter,,,,`
  )
  t.strictSame(rowsOf(answer), [
    'invalid_input',
    'invalid_input',
    'unknown_team',
    'invalid_input',
    'invalid_input',
    'invalid_input',
    'invalid_input',
    'role_exceeds_inviter',
    'email_invalid',
    'unknown_role',
    'invited'
  ])
  t.match(answer.json().items[0].problem.errors, [{ pointer: /email/ }])
  const exclusive = await csv(acme, olga, `email,affiliation\n${fresh()},exclusive`)
  t.strictSame(rowsOf(exclusive), ['invalid_input'], 'companies know no affiliation')
  t.strictSame(rowsOf(await csv(acme, olga, `email,teamId\n${fresh()},x`)), ['invalid_input'], 'a team without a role is no grant')
})

t.test('N-7 422, 413, 415: what is no such table', async (t) => {
  const rows = (amount: number) => `email\n${Array.from({ length: amount }, (_, index) => `t${index}@example.com`).join('\n')}`
  for (const [table, detail] of [
    ['email', /no row/],
    ['email\n\n\n', /no row/],
    ['\uFEFF', /empty/],
    ['\n', /empty/],
    ['email,phone\na@example.com,1', /not known/],
    ['Email\na@example.com', /not known/],
    ['__proto__\na@example.com', /not known/],
    ['email,email\na@example.com,b@example.com', /twice/],
    ['role\nmember', /lacks the column email/],
    ['email,role\na@example.com', /Row 1/],
    ['email,role\na@example.com,member\nb@example.com,member,x', /Row 2/],
    ['email,message\na@example.com,"open', /not well-formed/],
    ['email,message\na@example.com,a"b"', /not well-formed/],
    [`email,message\na@example.com,"${'x'.repeat(20_000)}"`, /not well-formed/],
    [rows(51), /at most 50 rows/i]
  ] as const) {
    const answer = await csv(acme, olga, table)
    refused(t, answer, 422, 'csv_invalid', JSON.stringify(table).slice(0, 60))
    t.match(answer.json().detail, detail)
  }
  refused(t, await csv(acme, olga, rows(30_000)), 413, 'body_too_large')
  const wrong = await world.inject({
    method: 'POST',
    url: `${acme.url}/invitations/bulk`,
    headers: { ...olga.headers, 'content-type': 'text/plain' },
    payload: rows(1)
  })
  refused(t, wrong, 415, 'unsupported_media_type')
  refused(t, await csv({ url: acme.url }, otto, rows(1)), 404, 'not_found')
  const single = await world.inject({
    method: 'POST',
    url: `${acme.url}/invitations`,
    headers: { ...olga.headers, 'content-type': 'text/csv' },
    payload: rows(1)
  })
  refused(t, single, 415, 'unsupported_media_type', 'one is invited in JSON')
})
