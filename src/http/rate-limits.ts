import type { Rate } from '../config.ts'
import type { Pipeline, Statement } from '../db/pipeline.ts'
import { hmac, type Keyring } from '../keyring.ts'
import { refuse } from '../problems.ts'

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

// The window ends at the next multiple of its length on the database's clock, so every instance counts in the same one.
const take: Statement = {
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
  pending?: Promise<void>
}

const mostLeases = 50_000

export type RateLimits = ReturnType<typeof rateLimits>

/** Counts requests in Postgres, so that several instances agree and a restart forgets nothing. */
export function rateLimits(pipeline: Pipeline, keys: Keyring) {
  const leases = new Map<string, Lease>()

  async function reserve(id: string, key: Buffer, rate: Rate, amount: number): Promise<void> {
    const [row] = await pipeline.run<{ used: number | null; seconds: number }>(take, [key, rate.seconds, amount, rate.amount])
    const used = row!.used ?? rate.amount
    const granted = row!.used === null ? 0 : amount - Math.max(0, used - rate.amount)
    if (leases.size >= mostLeases) leases.delete(leases.keys().next().value!)
    leases.set(id, { left: granted, used: Math.min(used, rate.amount), endsAt: performance.now() + row!.seconds * 1000 })
  }

  async function count(policy: Policy, rate: Rate, principal: string): Promise<Standing> {
    // Hashed, so that the table holds nobody's address.
    const id = `${policy.name}/${rate.amount}/${rate.seconds}:${principal}`
    const amount = Math.max(1, Math.min(policy.lease, Math.floor(rate.amount / 10)))
    for (;;) {
      const lease = leases.get(id)
      if (lease?.pending) {
        await lease.pending
        continue
      }
      const live = lease && lease.endsAt > performance.now()
      if (live && lease.left > 0) {
        lease.left--
        return standing(policy, rate, lease, true)
      }
      if (live && lease.used >= rate.amount) return standing(policy, rate, lease, false)
      const pending = reserve(id, hmac(keys.derive('rate-limit'), id), rate, amount)
      leases.set(id, { left: 0, used: 0, endsAt: 0, pending })
      try {
        await pending
      } catch (error) {
        leases.delete(id)
        throw error
      }
    }
  }

  return {
    /** Counts one request against each rate of the policy and answers the tightest standing. */
    async use(policy: Policy, principal: string): Promise<Standing> {
      const standings = await Promise.all(policy.rates.map((rate) => count(policy, rate, principal)))
      return standings.reduce((tightest, next) => (next.remaining < tightest.remaining || !next.allowed ? next : tightest))
    },
    /** Counts one request. @throws too_many_requests */
    async require(policy: Policy, principal: string): Promise<Standing> {
      const result = await this.use(policy, principal)
      if (!result.allowed) throw tooMany(result)
      return result
    }
  }
}

function standing(policy: Policy, rate: Rate, lease: Lease, allowed: boolean): Standing {
  const remaining = allowed ? Math.max(0, rate.amount - lease.used + lease.left) : 0
  return { policy: policy.name, rate, remaining, resets: Math.max(1, Math.ceil((lease.endsAt - performance.now()) / 1000)), allowed }
}

/** Fields of draft-ietf-httpapi-ratelimit-headers. */
export const rateHeaders = ({ policy, rate, remaining, resets }: Standing): Record<string, string> => ({
  'ratelimit-policy': `"${policy}";q=${rate.amount};w=${rate.seconds}`,
  ratelimit: `"${policy}";r=${remaining};t=${resets}`
})

export const tooMany = (standing: Standing) =>
  refuse('too_many_requests', {
    detail: `At most ${standing.rate.amount} requests in ${standing.rate.seconds} seconds are served here (limit "${standing.policy}").`,
    retryAfter: standing.resets,
    headers: rateHeaders(standing),
    extensions: { violatedPolicies: [standing.policy] }
  })
