import t from 'tap'
import { canonicalEmailDomain } from '../../src/accounts/email-address.ts'
import { newId, parseId } from '../../src/http/ids.ts'
import { emailGolden, type GoldenEmail } from '../support/email-golden.ts'
import { organizations } from '../support/organizations.ts'
import { long, openWorld, registration } from '../support/world.ts'

type Answer = Awaited<ReturnType<typeof world.inject>>

const world = await openWorld(t, { env: { EMAILS_PER_ACCOUNT: '50', DOMAINS_PER_COMPANY: '200' } })
const { post, sql } = world
const org = organizations(world)
const olga = await world.person('Olga', { email: 'olga@owner.example' })
const company = await org.found(olga)

type Accepted = Extract<GoldenEmail, { canonical: string }>
const accepted = emailGolden.filter((entry): entry is Accepted => 'canonical' in entry)
const domainOf = (address: string) => address.slice(address.lastIndexOf('@') + 1)
const shown = ({ input }: GoldenEmail) =>
  JSON.stringify(input.slice(0, 40)).replace(/[^ -~]/g, (unit) => `\\u{${unit.charCodeAt(0).toString(16)}}`)

/** What a door that takes any address makes of one: the canonical form it kept or found, or why it refused. */
type Door = (input: string) => Promise<string | { refused: string }>

/** Of an answer: what `kept` finds, or the reason of the refusal. What no body can hold is refused by its schema, before the address is read. */
async function outcome(answer: Answer, kept: () => Promise<string>): Promise<string | { refused: string }> {
  if (answer.statusCode < 300) return kept()
  const { code, reason } = answer.json() as { code: string; reason?: string }
  return { refused: code === 'email_invalid' ? reason! : code }
}

async function keptIn(statement: string, values: unknown[] = []): Promise<string> {
  const rows = await sql<{ canonical: string }>(statement, values)
  return rows.length === 1 ? rows[0]!.canonical : `${rows.length} rows`
}

/** Accounts that have each canonical form of the table, all with Olga's password. */
async function holders(): Promise<Map<string, string>> {
  const made = new Map([...new Set(accepted.map(({ canonical }) => canonical))].map((canonical) => [canonical, newId()]))
  await sql(
    `with given as (select * from jsonb_to_recordset($2) as g (id uuid, canonical text)), people as (
        insert into accounts select (jsonb_populate_record(a, jsonb_build_object('id', g.id))).* from accounts a, given g where a.id = $1)
      insert into emails (id, account_id, address, canonical, canonical_version, is_primary, verified_at)
      select gen_random_uuid(), id, canonical, canonical, 1, true, now() from given`,
    [parseId('account', olga.accountId), JSON.stringify([...made].map(([canonical, id]) => ({ id, canonical })))]
  )
  return made
}

const people = await holders()
const canonicalOf = new Map([...people].map(([canonical, id]) => [id, canonical]))
/** Signed in, by canonical form. */
const signedIn = new Map<string, string>()

const doors: Record<string, Door> = {
  registration: async (email) =>
    outcome(await post('/v1/accounts', { ...registration, email }), () =>
      keptIn(
        `with claim as (delete from accounts where status = 'pending_email' returning id)
          select canonical from emails where account_id in (select id from claim) and address = $1`,
        [email]
      )
    ),
  'sign-in': async (email) => {
    const answer = await post('/v1/sessions', { email, password: olga.password })
    // Nothing tells an address that is none from one that nobody has.
    if (answer.statusCode !== 201) return { refused: answer.json().code }
    const { account, accessToken } = answer.json() as { account: { id: string }; accessToken: string }
    const canonical = canonicalOf.get(parseId('account', account.id)!)!
    signedIn.set(canonical, accessToken)
    return canonical
  },
  'another address': async (email) =>
    outcome(await post('/v1/me/emails', { email }, olga.headers), () =>
      keptIn('delete from emails where account_id = $1 and not is_primary and address = $2 returning canonical', [
        parseId('account', olga.accountId),
        email
      ])
    ),
  invitation: async (email) =>
    outcome(await post(`${company.url}/invitations`, { email }, olga.headers), () =>
      keptIn('delete from invitations where email = $1 returning canonical', [email])
    ),
  reset: async (email) =>
    outcome(await post('/v1/password-resets', { email }), () =>
      keptIn("delete from outbox where kind = 'reset_requested' returning data ->> 'canonical' as canonical")
    )
}

t.test('P-1 S-2 P-2 N-3: registration, sign-in, another address, invitation and reset read every address of the table alike', async (t) => {
  t.ok(emailGolden.length >= 200)
  await Promise.all(
    Object.entries(doors).map(async ([name, door], at) => {
      // Registration is asked about all of them, the others about a third each, but for those that people sign in with further on.
      const isMine = (entry: GoldenEmail, index: number): boolean =>
        long || at === 0 || index % 3 === at % 3 || (name === 'sign-in' && 'canonical' in entry)
      for (const entry of emailGolden.filter(isMine)) {
        const got = await door(entry.input)
        const what = `${name}: ${shown(entry)}`
        if ('canonical' in entry) t.equal(got, entry.canonical, what)
        else if (name === 'sign-in') t.match(got, { refused: /^(invalid_credentials|invalid_input)$/ }, what)
        else if (entry.input.length < 3 || entry.input.length > 320) t.strictSame(got, { refused: 'invalid_input' }, what)
        else t.strictSame(got, { refused: entry.refused }, what)
      }
    })
  )
  t.equal(signedIn.size, people.size, 'each form is an account of its own')
})

t.test('P-1 D-4: a domain is claimed and matched by the form that addresses at it have', async (t) => {
  const claim = (domain: string) => post(`${company.url}/domains`, { domain }, olga.headers)
  for (const entry of emailGolden) {
    const typed = domainOf(entry.input)
    if ('canonical' in entry) {
      t.equal(canonicalEmailDomain(typed), domainOf(entry.canonical), shown(entry))
    } else if (entry.refused === 'invalid_domain' || entry.refused === 'address_literal') {
      t.equal(canonicalEmailDomain(typed), undefined, shown(entry))
      const answer = await claim(typed)
      t.match(answer.json(), { code: typed === '' || typed.length > 254 ? 'invalid_input' : 'public_email_domain' }, shown(entry))
    }
  }
  // Claimed in each spelling, and seen by whoever is at it; what belongs to a provider or a public suffix is no company's.
  const claimed = new Set<string>()
  for (const entry of accepted) {
    const answer = await claim(domainOf(entry.input))
    if (answer.statusCode === 422) continue
    t.equal(answer.json().domain, domainOf(entry.canonical), shown(entry))
    claimed.add(domainOf(entry.canonical))
  }
  t.ok(claimed.size > 50)
  await sql("update domains set status = 'verified', affiliation_proven_at = now(), mode = 'suggest'")
  for (const { canonical } of accepted) {
    const { items } = (
      await world.inject({ url: '/v1/me/joinable-companies', headers: { authorization: `Bearer ${signedIn.get(canonical)}` } })
    ).json()
    const found = items.map(({ id }: { id: string }) => id)
    t.strictSame(found, claimed.has(domainOf(canonical)) ? [company.id] : [], canonical.slice(0, 60))
  }
})
