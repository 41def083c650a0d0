import t, { type Test } from 'tap'
import { openWorld, registration } from '../support/world.ts'

// Hashes that take a good part of a request's time, so that one left out shows.
const world = await openWorld(t, { config: { ARGON2_MEMORY_KIB: 4096, FAILED_SIGN_INS: 1000 } })
const { post } = world

type Send = (sample: number) => ReturnType<typeof post>

const tolerance = 0.05
const batch = 20
const mostBatches = 15

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1]!
}

/**
 * Times requests that must not be told apart, one of each kind in turn. A busy machine makes some slow, so it measures until their medians
 * agree, and gives up when they still differ with many samples. Answers the largest difference from the least median, and the statuses.
 */
async function compare(kinds: Record<string, Send>): Promise<{ difference: number; medians: Record<string, number>; statuses: number[] }> {
  const names = Object.keys(kinds)
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]]))
  const statuses = new Set<number>()
  let sample = 0
  for (let round = 1; ; round++) {
    // Far from a hundred wrong passwords in a row, which would end sign-in.
    await world.sql('delete from sign_in_failures')
    for (let turn = 0; turn < batch; turn++) {
      for (let place = 0; place < names.length; place++) {
        // Another one comes first each time: what follows the end of a turn is no slower than the rest.
        const name = names[(place + sample) % names.length]!
        const begin = performance.now()
        const { statusCode } = await kinds[name]!(sample)
        times[name]!.push(performance.now() - begin)
        statuses.add(statusCode)
      }
      sample++
    }
    const medians = Object.fromEntries(names.map((name) => [name, median(times[name]!)]))
    const least = Math.min(...Object.values(medians))
    const difference = Math.max(...Object.values(medians)) / least - 1
    if ((round >= 3 && difference <= tolerance) || round === mostBatches) return { difference, medians, statuses: [...statuses] }
  }
}

const kim = await world.person('Kim')
const carl = await world.person('Carl')
const susan = await world.person('Susan')
await world.sql(`update accounts set status = 'closed' where id = (select account_id from emails where canonical = $1)`, [carl.email])
await world.sql(`update accounts set enforcement = 'suspended' where id = (select account_id from emails where canonical = $1)`, [
  susan.email
])
await post('/v1/accounts', { ...registration, email: 'uma@example.com' })
await world.mails()

// Nobody's address is another one each time, or it would be an unproven one the second time.
const addresses: Record<string, (sample: number) => string> = {
  known: () => kim.email,
  unproven: () => 'uma@example.com',
  closed: () => carl.email,
  unknown: (sample) => `nobody${sample}@example.com`
}
const sending = (send: (email: string) => ReturnType<typeof post>): Record<string, Send> =>
  Object.fromEntries(Object.entries(addresses).map(([name, address]) => [name, (sample) => send(address(sample))]))

async function alike(t: Test, status: number, kinds: Record<string, Send>): Promise<void> {
  const { difference, medians, statuses } = await compare(kinds)
  t.equal(statuses.join(), String(status))
  const listed = Object.entries(medians).map(([name, ms]) => `${name} ${ms.toFixed(2)} ms`)
  t.ok(difference <= tolerance, `they differ by ${(difference * 100).toFixed(1)} %: ${listed.join(', ')}`)
}

t.test('P-2 202: a registration takes the same time whoever has the email', (t) =>
  alike(
    t,
    202,
    sending((email) => post('/v1/accounts', { ...registration, email }))
  )
)

t.test('P-2 202: asking for a proof takes the same time whoever has the email', (t) =>
  alike(
    t,
    202,
    sending((email) => post('/v1/email-verifications/resend', { email }))
  )
)

t.test('P-2 202: asking for a reset takes the same time whoever has the email', (t) =>
  alike(
    t,
    202,
    sending((email) => post('/v1/password-resets', { email }))
  )
)

t.test('S-2 401: a wrong password takes the same time as an unknown email, whatever the state of the account', (t) =>
  alike(t, 401, {
    ...sending((email) => world.signIn({ email, password: 'violet harbour nineteen lamps' })),
    suspended: () => world.signIn({ ...susan, password: 'violet harbour nineteen lamps' }),
    'closed, with the right password': () => world.signIn(carl)
  })
)
