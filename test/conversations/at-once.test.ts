import type { LightMyRequestResponse as Response } from 'fastify'
import t, { type Test } from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { type Level, messaging } from '../support/conversations.ts'
import { organizations } from '../support/organizations.ts'
import { long, openWorld, type Person, rounds } from '../support/world.ts'

if (long) t.setTimeout(1_800_000)

const world = await openWorld(t, { instances: 2, env: { LOCK_TIMEOUT_MS: '10000', STATEMENT_TIMEOUT_MS: '10000' } })
const { send, ok, found, join, memberIdOf } = organizations(world)
const { put, part, first, add, invite, takeOut, accept, stored, levelOf, eventsOf, told } = await messaging(world)

const olga = await world.person('Olga')
const hana = await world.person('Hana')
const max = await world.person('Max')
const rita = await world.person('Rita')
const finn = await world.person('Finn')
const acme = await found(olga)
const second = await found(olga)
const hanasId = await join(acme, hana, [{ role: 'hiring_manager' }])
const maxsId = await join(acme, max)

const times = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)))
/** What each answered, in order: the status, and the code of a problem. */
const said = (answers: Response[]): string[] =>
  answers.map(({ statusCode, body }) =>
    statusCode < 300 ? `${statusCode}` : `${statusCode} ${(JSON.parse(body) as { code: string }).code}`
  )
/** Both orders come up: who is called first changes with the round. */
async function both<A, B>(round: number, a: () => Promise<A>, b: () => Promise<B>): Promise<[A, B]> {
  if (round % 2 === 0) return Promise.all([a(), b()])
  const [second, former] = await Promise.all([b(), a()])
  return [former, second]
}
const isMember = async (person: Person): Promise<boolean> =>
  (await world.sql('select from memberships where account_id = $1', [parseId('account', person.accountId)])).length > 0
/** The revision counts the changes, and what was told adds up to who takes part. */
async function addsUp(t: Test, id: string): Promise<void> {
  const { revision, levels } = await stored(id)
  const told: Record<string, Level | null> = {}
  let changes = 1
  for (const { type, before, after } of await eventsOf(id)) {
    const people = type === 'conversation.added' ? (after!.participants as Array<Record<string, never>>) : after?.accountId ? [after] : []
    for (const { accountId, level } of people as Array<{ accountId: string; level: Level | null }>)
      told[parseId('account', accountId)!] = level
    if (type === 'conversation.participant_removed') delete told[parseId('account', before!.accountId as string)!]
    if (type.startsWith('conversation.participant_')) changes++
  }
  t.strictSame(told, levels, `${id}: what was told adds up`)
  t.ok(revision <= changes && revision > 0, `${id}: the revision counts them`)
}

t.test('H-3 at once: of adding a coworker and removing them from the company, nobody is left who is no member', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const id = `removed-${round}`
    await add(id, acme, [part(olga, 'full'), part(finn)])
    const memberId = await join(acme, rita)
    const [added, removed] = await both(
      round,
      () => invite(id, olga, { memberId, level: 'recruiter' }, 0),
      () => send('DELETE', `${acme.url}/members/${memberId}`, olga, undefined, 1)
    )
    t.strictSame(said([removed]), ['204'])
    t.ok(['201', '422 unknown_member'].includes(said([added])[0]!))
    t.equal(await levelOf(id, rita), undefined)
    t.equal((await stored(id)).revision, added.statusCode === 201 ? 3 : 1)
    await addsUp(t, id)
  }
})

t.test('H-3 at once: of adding a coworker and leaving the company oneself, the adder acts as a member or not at all', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const id = `adder-${round}`
    const memberId = await join(acme, rita, [{ role: 'recruiter' }])
    await add(id, acme, [part(rita, 'full'), part(finn)])
    const [added, left] = await both(
      round,
      () => invite(id, rita, { memberId: hanasId, level: 'full' }, 0),
      () => send('DELETE', `${acme.url}/members/${memberId}`, rita, undefined, 1)
    )
    t.strictSame(said([left]), ['204'])
    t.ok(['201', '404 not_found'].includes(said([added])[0]!))
    t.equal(await levelOf(id, hana), added.statusCode === 201 ? 'full' : undefined)
    await addsUp(t, id)
  }
})

t.test('H-1 at once: of many who add one coworker one does, and the others find them there', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const id = `many-${round}`
    await add(id, acme, [part(olga, 'full'), part(hana, 'hiring_manager'), part(finn)])
    const answers = await times(8, (index) => invite(id, index % 3 ? olga : hana, { email: max.email, level: 'recruiter' }, index))
    t.strictSame(said(answers).sort(), [...Array(7).fill('200'), '201'])
    t.equal((await stored(id)).revision, 2)
    await addsUp(t, id)
  }
})

t.test('H-1 at once: nobody changes a level above their own, whoever comes first', async (t) => {
  for (let round = 0; round < rounds(3); round++) {
    const id = `above-${round}`
    await add(id, acme, [part(olga, 'full'), part(hana, 'hiring_manager'), part(max, 'recruiter')])
    const [high, low] = await both(
      round,
      () => invite(id, olga, { memberId: maxsId, level: 'full' }, 0),
      () => invite(id, hana, { memberId: maxsId, level: 'hiring_manager' }, 1)
    )
    t.strictSame(said([high]), ['200'])
    t.ok(['200', '403 role_exceeds_inviter'].includes(said([low])[0]!))
    t.equal(await levelOf(id, max), 'full')
    await addsUp(t, id)
  }
})

t.test('K-5 at once: of an update with the revision it saw and an adder, none loses what the other did', async (t) => {
  for (let round = 0; round < rounds(4); round++) {
    const id = `update-${round}`
    const drops = round % 4 < 2
    await add(id, acme, [part(olga, 'full'), part(hana, 'full'), part(finn)])
    const participants = [...(drops ? [] : [part(olga, 'full')]), part(hana, 'recruiter'), part(finn)]
    const [updated, added] = await both(
      round,
      () => put(id, first(acme, participants, { version: 2, participantsRevision: 1 }), 0),
      () => invite(id, olga, { memberId: maxsId, level: 'recruiter' }, 1)
    )
    const outcome = said([updated, added])
    if (updated.statusCode === 200) t.strictSame(outcome, drops ? ['200', '404 not_found'] : ['200', '201'])
    else t.strictSame(outcome, ['409 participants_changed', '201'])
    t.equal(await levelOf(id, max), added.statusCode === 201 ? 'recruiter' : undefined)
    t.equal(await levelOf(id, hana), updated.statusCode === 200 ? 'recruiter' : 'full')
    await addsUp(t, id)
  }
})

t.test('K-5 at once: an update that leaves the participants alone loses nobody', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const id = `alone-${round}`
    await add(id, acme, [part(olga, 'full')])
    const answers = await times(8, (index) =>
      index % 2 === 0
        ? put(id, first(acme, [part(olga, 'full')], { version: 2 + index }), index)
        : invite(id, olga, index % 4 === 1 ? { memberId: maxsId, level: 'recruiter' } : { memberId: hanasId, level: 'full' }, index)
    )
    t.strictSame(said(answers).sort(), [...Array(6).fill('200'), '201', '201'])
    t.strictSame([await levelOf(id, max), await levelOf(id, hana)], ['recruiter', 'full'])
    t.equal((await stored(id)).revision, 3)
    await addsUp(t, id)
  }
})

t.test('K-5 at once: a first version that comes many times makes one conversation; of different contents one is taken', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const update = first(acme, [part(olga, 'full'), part(finn)])
    const answers = await times(12, (index) => put(`same-${round}`, update, index))
    t.strictSame(said(answers), Array(12).fill('200'))
    t.equal(new Set(answers.map(({ body }) => body)).size, 1)
    t.strictSame(await told(`same-${round}`), ['conversation.added'])
    const levels: Level[] = ['full', 'hiring_manager', 'recruiter']
    const different = await times(3, (index) => put(`other-${round}`, first(acme, [part(olga, levels[index])]), index))
    t.strictSame(said(different).sort(), ['200', '409 version_conflict', '409 version_conflict'])
    const companies = await times(2, (index) => put(`either-${round}`, first([acme, second][index]!, [part(olga, 'full')]), index))
    t.strictSame(said(companies).sort(), ['200', '409 version_conflict'], 'of one company or the other')
    t.equal(await levelOf(`other-${round}`, olga), levels[different.findIndex(({ statusCode }) => statusCode === 200)])
  }
})

t.test('H-2 at once: of many who invite one address one does, and all wait for the same invitation', async (t) => {
  for (let round = 0; round < rounds(2); round++) {
    const ids = [`invite-a-${round}`, `invite-b-${round}`]
    for (const id of ids) await add(id, acme, [part(olga, 'full'), part(hana, 'full')])
    const email = `nora-${round}@example.com`
    const answers = await times(8, (index) => invite(ids[index % 2]!, index % 3 ? olga : hana, { email, level: 'recruiter' }, index >> 1))
    t.strictSame(said(answers).sort(), [...Array(6).fill('200'), '201', '201'])
    t.equal(new Set(answers.map((answer) => (answer.json() as { invitationId: string }).invitationId)).size, 1)
    t.equal((await world.sql('select from invitations where canonical = $1', [email])).length, 1)
  }
})

t.test('H-2 at once: of accepting and the adder leaving the conversation both succeed, and the part begins only before', async (t) => {
  const newcomer = await world.person('Nora', { email: 'newcomer@example.com' })
  for (let round = 0; round < rounds(3); round++) {
    const id = `accept-${round}`
    await add(id, acme, [part(olga, 'full'), part(hana, 'full')])
    const { invitationId } = (await ok(invite(id, hana, { email: newcomer.email, level: 'full' }))).json() as { invitationId: string }
    const [, left] = await both(
      round,
      () => accept(newcomer, invitationId, 0),
      () => takeOut(id, hana, hana, 1)
    )
    t.strictSame(said([left]), ['204'])
    t.ok(await isMember(newcomer), 'the acceptance succeeds all the same')
    const order = (await told(id)).slice(1).filter((type) => type.startsWith('conversation.participant'))
    const began = (await levelOf(id, newcomer)) === 'full'
    t.strictSame(
      order,
      began ? ['conversation.participant_added', 'conversation.participant_removed'] : ['conversation.participant_removed']
    )
    await addsUp(t, id)
    const memberId = await memberIdOf(acme, newcomer)
    await ok(send('DELETE', `${acme.url}/members/${memberId}`, newcomer))
  }
})
