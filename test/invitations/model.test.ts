import fc from 'fast-check'
import t, { type Test } from 'tap'
import { parseId } from '../../src/http/ids.ts'
import { copiedToken, mailedToken } from '../../src/invitations/invitation-tokens.ts'
import { inviting } from '../support/invitations.ts'
import { organizations, type Place } from '../support/organizations.ts'
import { long, openWorld } from '../support/world.ts'

if (long) t.setTimeout(900_000)
const resends = 2
const world = await openWorld(t, { instances: 2, env: { COMPANIES_PER_ACCOUNT: '1000', INVITATION_RESENDS: String(resends) } })
const { sql } = world
const { ok, found, join, send, memberIdOf, setRoles, tagOf } = organizations(world)
const { invite, accept, decline, register, resend, revoke, edit, expire, eventsOf } = inviting(world)
/** Olga owns, Ivo invites as hiring manager while he may, Gia is invited, Sam is somebody else. */
const people = {
  olga: await world.person('Olga'),
  ivo: await world.person('Ivo'),
  gia: await world.person('Gia'),
  sam: await world.person('Sam')
}
const { olga, ivo, gia } = people

type Inviter = 'olga' | 'ivo'
type Guest = 'gia' | 'sam'
type Role = 'member' | 'recruiter' | 'admin'
type Link = 'mailed' | 'copied' | 'old mailed' | 'old copied' | 'id'
type Act =
  | { kind: 'invite'; by: Inviter; role: Role }
  | { kind: 'edit'; by: Inviter; role: Role; back: number }
  | { kind: 'resend' | 'revoke'; by: Inviter; back: number }
  | { kind: 'accept' | 'decline'; by: Guest; link: Link; back: number }
  | { kind: 'register'; link: Exclude<Link, 'id'>; back: number }
  | { kind: 'expire'; back: number }
  | { kind: 'join' | 'remove' | 'leave' | 'demote' | 'promote' | 'dismiss' }

interface State {
  invitations: Array<{ status: string; inviter: Inviter; role: Role; sendings: number }>
  /** Gia's membership. */
  member: boolean
  ivo: 'hiring_manager' | 'member' | 'gone'
}

const live = (status: string): boolean => status === 'pending'
const open = (status: string): boolean => status === 'pending' || status === 'expired'

/** Whether an inviter may offer a role: undefined, or the refusal. */
function refusal({ ivo }: State, by: Inviter, role: Role): string | undefined {
  if (by === 'olga') return undefined
  if (ivo === 'member') return 'access_denied'
  return role === 'admin' ? 'role_exceeds_inviter' : undefined
}

function endOpen(state: State, status: string): void {
  for (const invitation of state.invitations) if (open(invitation.status)) invitation.status = status
}

/** What an act comes to by the rules; the state has changed when it succeeded. Undefined: there is nothing to do it with. */
function expected(state: State, act: Act): string | undefined {
  const one = 'back' in act ? state.invitations.at(-1 - act.back) : undefined
  if ('back' in act && !one) return undefined
  switch (act.kind) {
    case 'invite': {
      if (act.by === 'ivo' && state.ivo === 'gone') return 'not_found'
      const refused = refusal(state, act.by, act.role)
      if (refused) return refused
      if (state.member) return 'already_member'
      if (state.invitations.some(({ status }) => live(status))) return 'invitation_pending'
      endOpen(state, 'superseded')
      state.invitations.push({ status: 'pending', inviter: act.by, role: act.role, sendings: 1 })
      return '201'
    }
    case 'edit':
    case 'resend':
    case 'revoke': {
      if (act.by === 'ivo' && (state.ivo === 'gone' || one!.inviter !== 'ivo')) return 'not_found'
      if (act.kind === 'revoke') {
        if (one!.status === 'revoked') return '200'
        if (!open(one!.status)) return 'invitation_not_pending'
        one!.status = 'revoked'
        return '200'
      }
      if (act.kind === 'edit') {
        const refused = refusal(state, act.by, act.role)
        if (refused) return refused
        if (!live(one!.status)) return 'invitation_not_pending'
        Object.assign(one!, { inviter: act.by, role: act.role })
        return '200'
      }
      if (!open(one!.status)) return 'invitation_not_pending'
      const refused = refusal(state, act.by, one!.role)
      if (refused) return refused
      if (one!.sendings > resends) return 'invitation_resend_limit'
      Object.assign(one!, { status: 'pending', inviter: act.by, sendings: one!.sendings + 1 })
      return '200'
    }
    case 'register':
      if (act.link.startsWith('old')) return one!.sendings > 1 ? 'token_dead' : undefined
      if (!live(one!.status)) return 'token_dead'
      return act.link === 'copied' ? 'invitation_link_copied' : 'account_exists'
    case 'decline':
    case 'accept': {
      if (act.link.startsWith('old')) return one!.sendings > 1 ? 'token_dead' : undefined
      if (act.link === 'id' && act.by === 'sam') return 'not_found'
      if (act.kind === 'accept' && act.by === 'gia' && one!.status === 'accepted' && state.member) return '200'
      if (!live(one!.status)) return 'token_dead'
      if (act.kind === 'decline') {
        one!.status = 'declined'
        return '200'
      }
      if (act.by === 'sam') return 'invitation_email_mismatch'
      if (one!.inviter === 'ivo' && (state.ivo === 'gone' || refusal(state, 'ivo', one!.role))) return 'inviter_no_longer_entitled'
      one!.status = 'accepted'
      state.member = true
      return '200'
    }
    case 'expire':
      if (!live(one!.status)) return undefined
      one!.status = 'expired'
      return 'done'
    case 'join':
      if (!state.member) endOpen(state, 'superseded')
      state.member = true
      return 'done'
    case 'remove':
    case 'leave':
      if (!state.member) return undefined
      state.member = false
      endOpen(state, 'revoked')
      return '204'
    case 'demote':
    case 'promote':
      // Coming back is by joining anew.
      if (act.kind === 'demote' && state.ivo !== 'hiring_manager') return undefined
      state.ivo = act.kind === 'demote' ? 'member' : 'hiring_manager'
      return 'done'
    case 'dismiss':
      if (state.ivo === 'gone') return undefined
      state.ivo = 'gone'
      return '204'
  }
}

interface Real {
  place: Place
  /** In the order they were made, each with the tokens of all its sendings. */
  invitations: Array<{ id: string; url: string; tokens: Array<{ mailed: string; copied: string }> }>
}
let turn = 0

async function noteTokens(invitation: Real['invitations'][number]): Promise<void> {
  const [row] = await sql<{ tokenId: string; keyId: string }>(
    'select token_id as "tokenId", key_id as "keyId" from invitations where id = $1',
    [parseId('invitation', invitation.id)]
  )
  const { keys } = world.config
  invitation.tokens.push({ mailed: mailedToken(keys, row!), copied: copiedToken(keys, row!) })
}

/** Does it, and answers what came of it. */
async function carryOut({ place, invitations }: Real, act: Act, before: State): Promise<string> {
  const instance = turn++
  const one = 'back' in act ? invitations.at(-1 - act.back)! : undefined
  const outcome = ({ statusCode, json }: Awaited<ReturnType<typeof send>>): string => (statusCode < 300 ? String(statusCode) : json().code)
  const grants = 'role' in act && act.role !== 'member' ? [{ role: act.role }] : []
  const named = ({ link }: { link: Link }): { token: string } | { invitationId: string } => {
    if (link === 'id') return { invitationId: one!.id }
    const kind = link.endsWith('mailed') ? 'mailed' : 'copied'
    return { token: one!.tokens.at(link.startsWith('old') ? -2 : -1)![kind] }
  }
  switch (act.kind) {
    case 'invite': {
      const answer = await invite(place, people[act.by], { email: gia.email, grants }, instance)
      if (answer.statusCode === 201) {
        const { id } = answer.json()
        invitations.push({ id, url: `${place.url}/invitations/${id}`, tokens: [] })
        await noteTokens(invitations.at(-1)!)
      }
      return outcome(answer)
    }
    case 'edit':
      return outcome(await edit(one!, people[act.by], await tagOf(one!.url, olga), { grants }, instance))
    case 'resend': {
      const answer = await resend(one!, people[act.by], {}, instance)
      if (answer.statusCode === 200) await noteTokens(one!)
      return outcome(answer)
    }
    case 'revoke':
      return outcome(await revoke(one!, people[act.by], instance))
    case 'accept':
      return outcome(await accept(people[act.by], named(act), instance))
    case 'decline':
      return outcome(await decline(people[act.by], named(act), instance))
    case 'register':
      return outcome(await register((named(act) as { token: string }).token, {}, instance))
    case 'expire':
      await expire(one!)
      return 'done'
    case 'join':
      await join(place, gia, [], {}, instance)
      return 'done'
    case 'remove':
    case 'leave':
      return outcome(
        await send('DELETE', `${place.url}/members/${await memberIdOf(place, gia)}`, act.kind === 'leave' ? gia : olga, undefined, instance)
      )
    case 'demote':
      await ok(setRoles(place, await memberIdOf(place, ivo), [{ role: 'member' }]))
      return 'done'
    case 'promote':
      if (before.ivo === 'gone') await join(place, ivo, [{ role: 'hiring_manager' }], {}, instance)
      else await ok(setRoles(place, await memberIdOf(place, ivo), [{ role: 'hiring_manager' }]))
      return 'done'
    case 'dismiss':
      return outcome(await send('DELETE', `${place.url}/members/${await memberIdOf(place, ivo)}`, olga, undefined, instance))
  }
}

/** The same state as the API shows it. */
async function shown({ place }: Real): Promise<object> {
  const list = (await ok(send('GET', `${place.url}/invitations?limit=100`, olga))).json() as {
    items: Array<{ status: string; inviter: { accountId: string }; grants: Array<{ role: string }>; resends: number }>
  }
  const [{ member } = { member: false }] = await sql<{ member: boolean }>(
    'select exists (select from memberships where organization_id = $1 and account_id = $2) as member',
    [parseId('company', place.id), parseId('account', gia.accountId)]
  )
  const invitations = list.items.map(({ status, inviter, grants, resends }) => ({
    status,
    inviter: inviter.accountId === olga.accountId ? 'olga' : 'ivo',
    role: grants[0]!.role,
    sendings: resends + 1
  }))
  return { invitations, member }
}

const by = fc.constantFrom<Inviter>('olga', 'ivo', 'ivo')
const back = fc.constantFrom(0, 0, 0, 1, 2)
const role = fc.constantFrom<Role>('member', 'recruiter', 'admin')
const link = fc.constantFrom<Link>('mailed', 'copied', 'id', 'old mailed', 'old copied')
const guest = fc.constantFrom<Guest>('gia', 'gia', 'sam')
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('invite' as const), by, role }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('edit' as const), by, role, back }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('resend' as const, 'resend' as const, 'revoke' as const), by, back }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('accept' as const), by: guest, link, back }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('decline' as const), by: guest, link, back }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('register' as const), link: link.filter((each) => each !== 'id'), back }) as fc.Arbitrary<Act>
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('expire' as const), back }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'join' as const,
        'remove' as const,
        'remove' as const,
        'leave' as const,
        'demote' as const,
        'promote' as const,
        'promote' as const,
        'dismiss' as const
      )
    })
  }
)

const ivoInvites: Act = { kind: 'invite', by: 'ivo', role: 'recruiter' }
const accepts = (link: Link): Act => ({ kind: 'accept', by: 'gia', link, back: 0 })
/** What chance comes to seldom; a walk goes on from there. */
const beginnings: Act[][] = [
  [ivoInvites, { kind: 'demote' }, accepts('mailed'), { kind: 'resend', by: 'olga', back: 0 }, accepts('old mailed'), accepts('mailed')],
  [ivoInvites, { kind: 'dismiss' }, accepts('id'), { kind: 'edit', by: 'olga', role: 'admin', back: 0 }, accepts('copied')],
  [
    ivoInvites,
    { kind: 'expire', back: 0 },
    { kind: 'decline', by: 'gia', link: 'mailed', back: 0 },
    accepts('mailed'),
    ivoInvites,
    { kind: 'resend', by: 'ivo', back: 0 },
    accepts('old copied')
  ],
  [
    ivoInvites,
    { kind: 'register', link: 'mailed', back: 0 },
    { kind: 'register', link: 'copied', back: 0 },
    { kind: 'join' },
    accepts('mailed')
  ],
  [
    ivoInvites,
    accepts('mailed'),
    accepts('id'),
    { kind: 'remove' },
    accepts('id'),
    ivoInvites,
    { kind: 'decline', by: 'sam', link: 'copied', back: 0 }
  ],
  [ivoInvites, { kind: 'accept', by: 'sam', link: 'mailed', back: 0 }, ...Array(3).fill({ kind: 'resend', by: 'ivo', back: 0 })]
]
const [walks, steps] = long ? [180, 60] : [beginnings.length, 50]
const expectedOutcomes = [
  'accept 200',
  'accept token_dead',
  'accept inviter_no_longer_entitled',
  'accept invitation_email_mismatch',
  'decline 200',
  'resend invitation_resend_limit',
  'register account_exists',
  'register invitation_link_copied'
]

t.test('N-3, N-4, N-5, N-6: whatever is done in a row, an invitation is what the rules say', async (t) => {
  let done = 0
  let walk = 0
  const seen = new Set<string>()
  const result = await fc.check(
    fc.asyncProperty(fc.array(act, { minLength: steps, maxLength: steps }), async (acts) => {
      const place = await found(olga)
      await join(place, ivo, [{ role: 'hiring_manager' }])
      const real: Real = { place, invitations: [] }
      const state: State = { invitations: [], member: false, ivo: 'hiring_manager' }
      for (const [place, each] of [...beginnings[walk++ % beginnings.length]!, ...acts].entries()) {
        const before = structuredClone(state)
        const should = expected(state, each)
        if (should === undefined) continue
        const is = await carryOut(real, each, before)
        const where = `step ${place}, ${JSON.stringify(each)} from ${JSON.stringify(before)}`
        if (is !== should) throw new Error(`${where}: ${is} instead of ${should}`)
        const [has, ought] = [JSON.stringify(await shown(real)), JSON.stringify({ invitations: state.invitations, member: state.member })]
        if (has !== ought) throw new Error(`${where}: is ${has} instead of ${ought}`)
        seen.add(`${each.kind} ${is}`)
        done++
      }
      // Each ended at most once, and told so once.
      for (const [index, { id }] of real.invitations.entries()) {
        const told = (await eventsOf(id)).filter((type) => /accepted|declined|revoked|superseded/.test(type))
        const { status } = state.invitations[index]!
        const ends = open(status) ? [] : [`invitation.${status}`]
        if (told.join() !== ends.join()) throw new Error(`${status} was told as ${told}`)
      }
    }),
    { numRuns: walks, endOnFailure: !long }
  )
  t.notOk(result.failed, `${(result.errorInstance as Error | null)?.message} seed ${result.seed} path ${result.counterexamplePath}`)
  t.ok(done >= (long ? 5000 : 150), `${done} steps`)
  for (const each of expectedOutcomes) t.ok(seen.has(each), each)
})

/** Asserts that the database refuses a statement, by the name of the constraint. */
async function refusedBy(t: Test, statement: Promise<unknown>, constraint: string, name: string): Promise<void> {
  const by = await statement.then(
    () => 'nothing',
    (error: { constraint?: string }) => error.constraint ?? String(error)
  )
  t.equal(by, constraint, name)
}

t.test('N-4: the database itself refuses every forbidden edge, whatever the code does', async (t) => {
  const place = await found(olga)
  const statuses = ['pending', 'accepted', 'declined', 'revoked', 'superseded']
  const account = parseId('account', gia.accountId)
  let count = 0
  const make = async (status: string): Promise<string> => {
    const made = (await ok(invite(place, olga, { email: `edge${count++}@example.com` }))).json() as { id: string }
    const id = parseId('invitation', made.id)!
    if (status !== 'pending') await move(world.sql, id, status)
    return id
  }
  const move = (run: (statement: string, values: unknown[]) => Promise<unknown>, id: string, to: string) =>
    run(
      `update invitations set status = $2, ended_at = case when $2 = 'pending' then null else now() end,
        accepted_by_account_id = case when $2 = 'accepted' then $3::uuid end where id = $1`,
      [id, to, account]
    )
  for (const [who, run] of [
    ['the service', world.asService],
    ['a superuser', world.sql]
  ] as const) {
    for (const from of statuses.slice(1))
      for (const to of statuses.filter((each) => each !== from))
        await refusedBy(t, move(run, await make(from), to), 'invitations_end_once', `${who}: ${from} to ${to}`)
    const late = await make('pending')
    await sql('update invitations set expires_at = now() where id = $1', [late])
    await refusedBy(t, move(run, late, 'accepted'), 'invitations_expired', `${who}: past its time`)
    await move(run, late, 'superseded')
    const one = await make('pending')
    for (const [set, constraint] of [
      [`canonical = 'other@example.com'`, 'invitations_keep_address'],
      [`organization_id = '01900000-0000-7000-8000-000000000000'`, 'invitations_keep_address'],
      [`status = 'accepted', ended_at = now()`, 'invitations_accepted_by'],
      [`status = 'revoked'`, 'invitations_ended'],
      [`status = 'expired', ended_at = now()`, 'invitations_status_known'],
      [`accepted_by_account_id = '${account}'`, 'invitations_accepted_by'],
      [`grants = '[{"role": "member"}, {"role": "owner", "teamId": null}]'`, 'invitations_grants_form'],
      [`grants = '{"role": "member"}'`, 'invitations_grants_form'],
      [`affiliation = 'exclusive'`, 'invitations_affiliation_in_agencies'],
      [`days = 31`, 'invitations_life'],
      [`message = ''`, 'invitations_message_short']
    ] as const)
      await refusedBy(t, run(`update invitations set ${set} where id = $1`, [one]), constraint, `${who}: ${set}`)
    await refusedBy(
      t,
      run(
        `insert into invitations select (jsonb_populate_record(i, jsonb_build_object('id', gen_random_uuid(), 'mailed_token_hash', '\\x01', 'copied_token_hash', '\\x02', 'preference_token_hash', '\\x03'))).*
          from invitations i where id = $1`,
        [one]
      ),
      'invitations_one_pending',
      `${who}: a second pending one`
    )
  }
})
