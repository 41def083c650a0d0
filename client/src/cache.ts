import { allowedBy, covers, type Held, memoKey } from './answers.ts'
import type { Decision, Resource } from './resources.ts'

/** A map as it was read. */
export interface Filled {
  held: Held
  etag: string | null
  /** Milliseconds from its reading until it changes by the clock, or until it is to be read again. */
  lifeMs: number
}

interface Entry extends Filled {
  account: string
  organization: string
  /** Dropped by an event: kept for its ETag only, until it was compared with the service. */
  suspect: boolean
  endsAt: number
  /** Denials, which come from the service with their reasons. */
  memo: Map<string, Decision>
}

/** Something that is being asked of the service, and may be overtaken by an event. */
export interface Asking {
  account: string
  organization: string
  overtaken: boolean
}

export type Cache = ReturnType<typeof permissionCache>

const mostDenials = 100
// For each map that may be kept, on average: a decision takes as much memory as a small map.
const denialsForEach = 4

/**
 * Maps of what one person may do in one organization. It knows nothing of where they come from, nor of whether they may be used: only what
 * belongs to what, and what an event takes away.
 */
export function permissionCache(most: number) {
  // In the order in which they were used last.
  const entries = new Map<string, Entry>()
  const keysOf = new Map<string, Set<string>>()
  const teams = new Map<string, string>()
  const asking = new Set<Asking>()
  let denials = 0
  const lies = (team: string, organization: string): boolean => teams.get(team) === organization
  const keyOf = (account: string, organization: string): string => `${account} ${organization}`

  function forget(key: string): void {
    const entry = entries.get(key)
    if (!entry) return
    entries.delete(key)
    denials -= entry.memo.size
    for (const id of [entry.account, entry.organization]) {
      const keys = keysOf.get(id)
      keys?.delete(key)
      if (keys?.size === 0) keysOf.delete(id)
    }
  }

  function suspect(entry: Entry): void {
    entry.suspect = true
    denials -= entry.memo.size
    entry.memo.clear()
  }

  function find(account: string, organization: string): Entry | undefined {
    const key = keyOf(account, organization)
    const entry = entries.get(key)
    if (!entry) return undefined
    entries.delete(key)
    entries.set(key, entry)
    return entry
  }

  function usable(account: string, organization: string): Entry | undefined {
    const entry = find(account, organization)
    return entry && !entry.suspect && performance.now() < entry.endsAt ? entry : undefined
  }

  return {
    /** The organization that a resource lies in, as far as it is known. A team never moves to another. */
    organizationOf: (resource: Resource): string | undefined =>
      resource.type === 'company' || resource.type === 'agency'
        ? resource.id
        : resource.type === 'team'
          ? (resource.organization ?? teams.get(resource.id))
          : undefined,
    has: (account: string, organization: string): boolean => usable(account, organization) !== undefined,
    etagOf: (account: string, organization: string): string | null => find(account, organization)?.etag ?? null,
    answer(account: string, organization: string, action: string, resource: Resource): Decision | undefined {
      const entry = usable(account, organization)
      if (!entry) return undefined
      const denied = entry.memo.get(memoKey(action, resource))
      return allowedBy(entry.held, action, resource, lies) ?? (denied && { ...denied, cached: true })
    },
    /** Says that something is about to be asked, so that an event can overtake it; `done` when it was answered. */
    begin(account: string, organization: string): Asking {
      const one = { account, organization, overtaken: false }
      asking.add(one)
      return one
    },
    done: (one: Asking): void => void asking.delete(one),
    /** Keeps a map, or without one what is there already, which the service has confirmed; unless it was overtaken. */
    keep({ account, organization, overtaken }: Asking, filled: Filled | { held?: never; lifeMs: number }): void {
      if (overtaken) return
      const key = keyOf(account, organization)
      const known = entries.get(key)
      const fresh = filled.held === undefined ? known : { ...filled, memo: new Map<string, Decision>() }
      if (!fresh) return
      forget(key)
      if (filled.lifeMs <= 0) return
      const endsAt = performance.now() + filled.lifeMs
      entries.set(key, { ...fresh, lifeMs: filled.lifeMs, account, organization, suspect: false, endsAt })
      denials += fresh.memo.size
      for (const id of [account, organization]) keysOf.set(id, (keysOf.get(id) ?? new Set()).add(key))
      for (const team of fresh.held?.teams ?? []) teams.set(team.id, organization)
      if (entries.size > most) forget(entries.keys().next().value!)
      // What is forgotten here is asked of the service.
      while (teams.size > most * 4) teams.delete(teams.keys().next().value!)
    },
    /** Keeps a denial beside the map of its person and place, if the map is about it; unless it was overtaken. */
    keepDenial({ account, organization, overtaken }: Asking, action: string, resource: Resource, decision: Decision): void {
      const entry = usable(account, organization)
      if (overtaken || decision.allowed || !entry || !covers(organization, resource, lies)) return
      const asked = memoKey(action, resource)
      if (entry.memo.delete(asked)) denials--
      else if (entry.memo.size >= mostDenials && entry.memo.delete(entry.memo.keys().next().value!)) denials--
      entry.memo.set(asked, decision)
      denials++
      while (denials > most * denialsForEach) forget(entries.keys().next().value!)
    },
    /** Takes away all that an event may have changed: what it names, or everything where it names nothing. */
    drop(ids: ReadonlySet<string>): void {
      if (ids.size === 0) this.dropAll()
      for (const id of ids) for (const key of keysOf.get(id) ?? []) suspect(entries.get(key)!)
      for (const one of asking) if (ids.has(one.account) || ids.has(one.organization)) one.overtaken = true
    },
    dropAll(): void {
      for (const entry of entries.values()) suspect(entry)
      for (const one of asking) one.overtaken = true
    },
    size: (): number => entries.size,
    denials: (): number => denials
  }
}
