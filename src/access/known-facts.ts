import { sql } from 'drizzle-orm'
import type { Changes } from '../db/changes.ts'
import type { Db } from '../db/database.ts'
import { isRecent, type Kept, type Memory, openMemory, type Reading } from '../db/memory.ts'
import { statement } from '../db/pipeline.ts'
import type { Proof } from '../db/replicas.ts'
import type { Versions } from '../http/consistency.ts'
import type { OrganizationKind } from '../organizations/tables.ts'
import type { Question } from '../permissions/answer.ts'
import type { Soon } from '../soon.ts'
import type { Row } from './facts-statement.ts'
import type { ReadScene } from './scenes.ts'

/** An account and an organization: all that the facts say of the two. */
interface Pair {
  kind: OrganizationKind
  accountId: string
  organizationId: string
  accountVersion: number
  organizationVersion: number
  /** As of the whole organization: a team is only another place in it. */
  scene: ReadScene
}

/** Facts that are kept for a while. */
export interface KnownFacts {
  pairs: Memory<Pair>
  /** The organizations of teams: none ever moves. */
  teams: Memory<string>
  keyOf: (accountId: string, organizationId: string) => string
}

/** Keeps up to `size` pairs; none where it is 0. */
export const openKnownFacts = (changes: Changes, size: number): KnownFacts => ({
  pairs: openMemory<Pair>(changes, size),
  teams: openMemory<string>(changes, size),
  keyOf: openKeys(size)
})

const pairKey = (accountId: string, organizationId: string): string => `${accountId} ${organizationId}`

/** The keys of pairs by both ids: one that comes again need not be put together and hashed again. Up to `size`, then all are forgotten. */
function openKeys(size: number): (accountId: string, organizationId: string) => string {
  const keysOf = new Map<string, Map<string, string>>()
  let count = 0
  return (accountId, organizationId) => {
    const known = keysOf.get(accountId)?.get(organizationId)
    if (known) return known
    if (++count > size) {
      keysOf.clear()
      count = 1
    }
    const key = pairKey(accountId, organizationId)
    const keys = keysOf.get(accountId) ?? new Map<string, string>()
    keysOf.set(accountId, keys.set(organizationId, key))
    return key
  }
}

/** Whether a question depends on nothing but a pair: not those with another side, with somebody who acts for somebody, or about other things. */
export const isPlain = ({ resource: { type }, counterparty, delegation }: Question): boolean =>
  (type === 'company' || type === 'agency' || type === 'team') && !counterparty && !delegation

function findPair({ pairs, teams, keyOf }: KnownFacts, question: Question, now: number): Kept<Pair> | undefined {
  const { accountId, resource } = question
  if (!accountId || !resource.id || !isPlain(question)) return undefined
  const organizationId = resource.type === 'team' ? teams.find(resource.id, now)?.value : resource.id
  const found = organizationId && pairs.find(keyOf(accountId, organizationId), now)
  return found && (resource.type === 'team' || resource.type === found.value.kind) ? found : undefined
}

/**
 * The scenes of the questions from what is kept: all of them or none, so that a batch is never of two states that are further apart than a
 * notice is late. What was not known to be right within the last second is held against the versions in the database first.
 */
export function rememberedScenes(
  db: Db,
  facts: KnownFacts,
  questions: readonly Question[],
  atLeast: Versions | undefined
): Soon<ReadScene[] | undefined> {
  const now = performance.now()
  const scenes: ReadScene[] = []
  const found: Array<Kept<Pair>> = []
  let old = false
  for (const question of questions) {
    const pair = findPair(facts, question, now)
    if (!pair || isOlder(pair.value, atLeast)) return undefined
    found.push(pair)
    scenes.push(sceneIn(question, pair.value))
    old ||= !isRecent(pair, now)
  }
  if (!old) return scenes
  const unproven = found.filter((pair) => !isRecent(pair, now))
  // Meanwhile a notice may have come.
  return areUnchanged(db, facts, unproven).then((same) => (same && found.every(facts.pairs.has) ? scenes : undefined))
}

/** Whether a pair was read before the writes that a token is of. */
const isOlder = ({ accountId, organizationId, accountVersion, organizationVersion }: Pair, atLeast: Versions | undefined): boolean =>
  atLeast !== undefined &&
  (accountVersion < (atLeast.get(`account:${accountId}`) ?? 0) ||
    organizationVersion < (atLeast.get(`organization:${organizationId}`) ?? 0))

/** What the writes of a token gave their accounts and organizations, for whoever has to show that it has them. */
export function proofOf(atLeast: Versions): Proof {
  const ids = (kind: string): string[] =>
    [...atLeast.keys()].flatMap((name) => (name.startsWith(`${kind}:`) ? [name.slice(kind.length + 1)] : []))
  return {
    statement: versionsStatement,
    values: [ids('account'), ids('organization')],
    holds(rows) {
      const versionOf = new Map((rows as Versioned[]).map(({ id, version }) => [id, version]))
      return [...atLeast].every(([name, version]) => (versionOf.get(name.slice(name.indexOf(':') + 1)) ?? 0) >= version)
    }
  }
}

interface Versioned {
  id: string
  version: number
}

const versionsStatement = statement(
  'access_versions',
  sql`select id, version::int as version from accounts where id = any(${''}::uuid[])
    union all select id, version::int from organizations where id = any(${''}::uuid[])`
)

async function areUnchanged(db: Db, { pairs }: KnownFacts, old: ReadonlyArray<Kept<Pair>>): Promise<boolean> {
  const ids = (of: (pair: Pair) => string): string[] => [...new Set(old.map(({ value }) => of(value)))]
  return pairs.reading(async ({ confirm }) => {
    const values = [ids(({ accountId }) => accountId), ids(({ organizationId }) => organizationId)]
    const rows = await db.pipeline.run<Versioned>(versionsStatement, values)
    const versionOf = new Map(rows.map(({ id, version }) => [id, version]))
    const same = old.filter(
      ({ value }) =>
        versionOf.get(value.accountId) === value.accountVersion && versionOf.get(value.organizationId) === value.organizationVersion
    )
    same.forEach(confirm)
    return same.length === old.length
  })
}

const sceneIn = ({ resource }: Question, { scene }: Pair): ReadScene =>
  resource.type === 'team' ? { ...scene, place: scene.place && { ...scene.place, teamId: resource.id } } : scene

interface BothReadings {
  pairs: Reading<Pair>
  teams: Reading<string>
}

/** A look at the database that finds pairs and teams. */
export const readingBoth = <Result>(facts: KnownFacts, read: (both: BothReadings) => Promise<Result>): Promise<Result> =>
  facts.pairs.reading((pairs) => facts.teams.reading((teams) => read({ pairs, teams })))

/**
 * Keeps what was read for a question, where it is of a pair of which one is a member of the other. To whoever is no member, that something is
 * kept would tell that it exists.
 */
export function rememberRow({ teams, pairs }: BothReadings, question: Question, row: Row, scene: ReadScene): void {
  const { accountId, accountVersion, organizationId, organizationVersion, kind, teamId, lasts } = row
  const { place } = scene
  if (!isPlain(question) || !place || !('grants' in place.person) || !accountId || !organizationId) return
  const whole = { ...scene, place: { ...place, teamId: null } }
  const pair: Pair = { kind, accountId, organizationId, accountVersion, organizationVersion, scene: whole }
  pairs.keep(pairKey(accountId, organizationId), [`account:${accountId}`, `organization:${organizationId}`], pair, lasts ?? undefined)
  if (teamId) teams.keep(teamId, [], organizationId)
}
