import type { Pipeline, Statement } from '../db/pipeline.ts'
import { hmac, type Keyring } from '../keyring.ts'
import { refuse } from '../problems.ts'
import type { Rate } from '../setting-forms.ts'
import { after, type Soon } from '../soon.ts'

export interface Policy {
  /** As in `RateLimit-Policy`, e.g. `read`. */
  name: string
  rates: Rate[]
  /**
   * Requests an instance may reserve in Postgres at once and spend by itself. 1 counts each request in the database; more saves
   * round trips and never lets more through than the rate, though up to this many may be left unspent on an idle instance.
   */
  lease: number
}

export interface Standing {
  policy: string
  rate: Rate
  remaining: number
  /** Seconds until the window ends. */
  resets: number
  allowed: boolean
}

/** Where a request stands that was taken from what is reserved. */
export interface Reserved extends Standing {
  lease: Lease
}

// The window ends at the next multiple of its length on the database's clock, so every instance counts in the same one.
export const take: Statement = {
  name: 'rate_take',
  text: `
    with w as (select to_timestamp(ceil(extract(epoch from clock_timestamp()) / $2::int) * $2::int) as ends),
    taken as (
      insert into rate_counters as c (key, window_ends_at, used) select $1::bytea, ends, $3::int from w
      on conflict (key, window_ends_at) do update set used = c.used + $3::int where c.used < $4::int
      returning used
    )
    select (select used from taken) as used, extract(epoch from w.ends - clock_timestamp())::float8 as seconds from w`
}

interface Lease {
  left: number
  used: number
  endsAt: number
  pending?: Promise<Standing>
}

const mostLeases = 50_000

export type RateLimits = ReturnType<typeof rateLimits>

/** Counts requests in Postgres, so that several instances agree and a restart forgets nothing. */
export function rateLimits(pipeline: Pipeline, keys: Keyring) {
  const leases = new Map<string, Lease>()

  async function ask(id: string, rate: Rate, amount: number): Promise<Lease> {
    const key = hmac(keys.derive('rate-limit'), id)
    // Before the question: the lease then ends with its window or a little earlier, never in the next one.
    const asked = performance.now()
    const [row] = await pipeline.run<{ used: number | null; seconds: number }>(take, [key, rate.seconds, amount, rate.amount])
    const used = row!.used ?? rate.amount
    const granted = row!.used === null ? 0 : amount - Math.max(0, used - rate.amount)
    return { left: granted, used: Math.min(used, rate.amount), endsAt: asked + row!.seconds * 1000 }
  }

  async function reserve(id: string, policy: Policy, rate: Rate, amount: number): Promise<Standing> {
    const lease = await ask(id, rate, amount)
    if (leases.size >= mostLeases) leases.delete(leases.keys().next().value!)
    leases.set(id, lease)
    // At once: who asks in between must not spend what was reserved for this request.
    return spend(policy, rate, lease)
  }

  function count(policy: Policy, rate: Rate, principal: string): Soon<Standing> {
    const id = idOf(policy, rate, principal)
    const lease = leases.get(id)
    return lease && isLive(lease, rate) ? spend(policy, rate, lease) : renew(id, policy, rate)
  }

  const isLive = ({ pending, endsAt, left, used }: Lease, { amount }: Rate): boolean =>
    pending === undefined && endsAt > performance.now() && (left > 0 || used >= amount)

  async function renew(id: string, policy: Policy, rate: Rate): Promise<Standing> {
    const amount = Math.max(1, Math.min(policy.lease, Math.floor(rate.amount / 10)))
    for (;;) {
      const lease = leases.get(id)
      if (lease?.pending !== undefined) {
        await lease.pending
        continue
      }
      if (lease && isLive(lease, rate)) return spend(policy, rate, lease)
      const pending = reserve(id, policy, rate, amount)
      leases.set(id, { left: 0, used: 0, endsAt: 0, pending })
      try {
        // Spent even if the window has ended meanwhile: it is counted there.
        return await pending
      } catch (error) {
        leases.delete(id)
        throw error
      }
    }
  }

  const tightest = (one: Standing, other: Standing): Standing => (other.remaining < one.remaining || !other.allowed ? other : one)

  return {
    /** Counts one request against each rate of the policy and answers the tightest standing. */
    use(policy: Policy, principal: string): Soon<Standing> {
      const [only, ...others] = policy.rates
      if (only && others.length === 0) return count(policy, only, principal)
      return Promise.all(policy.rates.map((rate) => count(policy, rate, principal))).then((standings) => standings.reduce(tightest))
    },
    /** Counts one request, if one is reserved by this instance and so nobody need be asked; never against a policy of several rates. */
    useReserved(policy: Policy, principal: string): Reserved | undefined {
      const [only, ...others] = policy.rates
      const lease = only && leases.get(idOf(policy, only, principal))
      return others.length === 0 && lease && isLive(lease, only) && lease.left > 0 ? spend(policy, only, lease) : undefined
    },
    /** Takes back one that was counted so, and is counted again. Of a lease that has ended nothing is left to be spent. */
    undo({ lease }: Reserved): void {
      lease.left++
    },
    /**
     * Counts several at once, in the database; answers how many of them are within every rate, with the tightest standing. What is beyond
     * is counted as well.
     */
    async useMany(policy: Policy, principal: string, amount: number): Promise<{ granted: number; standing: Standing }> {
      const counted = await Promise.all(
        policy.rates.map(async (rate) => {
          const lease = await ask(idOf(policy, rate, principal), rate, amount)
          return { granted: lease.left, standing: spend(policy, rate, lease) }
        })
      )
      return counted.reduce((least, next) => (next.granted < least.granted ? next : least))
    },
    /** Counts one request. @throws too_many_requests */
    require(policy: Policy, principal: string): Soon<Standing> {
      return after(this.use(policy, principal), (standing) => {
        if (!standing.allowed) throw tooMany(standing)
        return standing
      })
    }
  }
}

// It is hashed before it is stored, so that the table holds nobody's address.
const idOf = (policy: Policy, rate: Rate, principal: string): string => `${policy.name}/${rate.amount}/${rate.seconds}:${principal}`

function spend(policy: Policy, rate: Rate, lease: Lease): Reserved {
  const allowed = lease.left > 0
  if (allowed) lease.left--
  const remaining = allowed ? Math.max(0, rate.amount - lease.used + lease.left) : 0
  return { policy: policy.name, rate, remaining, resets: Math.max(1, Math.ceil((lease.endsAt - performance.now()) / 1000)), allowed, lease }
}

/** Fields of draft-ietf-httpapi-ratelimit-headers. */
export function rateHeaders(...standings: Standing[]): Record<string, string> {
  const [only, ...others] = standings
  if (only && others.length === 0) return { 'ratelimit-policy': policyField(only), ratelimit: standingField(only) }
  return { 'ratelimit-policy': standings.map(policyField).join(', '), ratelimit: standings.map(standingField).join(', ') }
}

const standingField = ({ policy, remaining, resets }: Standing): string => `"${policy}";r=${remaining};t=${resets}`
const policyField = ({ policy, rate }: Standing): string => `"${policy}";q=${rate.amount};w=${rate.seconds}`

export const tooMany = (standing: Standing) =>
  refuse('too_many_requests', {
    detail: `At most ${standing.rate.amount} requests in ${standing.rate.seconds} seconds are served here (limit "${standing.policy}").`,
    retryAfter: standing.resets,
    headers: rateHeaders(standing),
    extensions: { violatedPolicies: [standing.policy] }
  })
