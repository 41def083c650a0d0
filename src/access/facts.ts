import type { Db } from '../db/database.ts'
import type { Replicas } from '../db/replicas.ts'
import { requireFresh, type Versions } from '../http/consistency.ts'
import type { Question } from '../permissions/answer.ts'
import { after, type Soon } from '../soon.ts'
import { factsStatement, factsValues, type Row } from './facts-statement.ts'
import { isPlain, type KnownFacts, proofOf, readingBoth, rememberedScenes, rememberRow } from './known-facts.ts'
import { type ReadScene, sceneOf } from './scenes.ts'

/** How fresh an answer has to be: `full` is the present state, `atLeast` no older than some write. */
export interface Freshness {
  full: boolean
  atLeast: Versions | undefined
}

/** The present state, whatever it costs. */
export const present: Freshness = { full: true, atLeast: undefined }

/** Where facts are read and kept. */
export interface FactParts {
  db: Db
  facts: KnownFacts
  replicas: Replicas
}

/**
 * What the questions depend on, a scene for each in their order, all of one look: from what is kept where that is recent and fresh enough for
 * every one of them, else all of it from the database, in one snapshot. Decisions are never kept, only what they are made from.
 * @throws not_fresh_enough, service_unavailable
 */
export function readFacts(parts: FactParts, questions: readonly Question[], freshness: Freshness): Soon<ReadScene[]> {
  if (questions.length === 0) return []
  const remembered = freshness.full ? undefined : rememberedScenes(parts.db, parts.facts, questions, freshness.atLeast)
  return after(remembered, (scenes) => scenes ?? readAnew(parts, questions, freshness))
}

const readAnew = async (parts: FactParts, questions: readonly Question[], freshness: Freshness): Promise<ReadScene[]> =>
  (await readReplica(parts, questions, freshness)) ?? readPresent(parts, questions, freshness)

/**
 * What a replica says, if one proves to be fresh enough. Nothing of it is kept: a notice of the primary may have come before it; and so what would
 * be kept is read from the primary.
 */
async function readReplica(
  { replicas, facts }: FactParts,
  questions: readonly Question[],
  { full, atLeast }: Freshness
): Promise<ReadScene[] | undefined> {
  if (full || (facts.pairs.works() && questions.every(isPlain))) return undefined
  const found = await replicas.read<Row>(factsStatement, factsValues(questions), atLeast && proofOf(atLeast))
  return found && scenesOf(questions, found)
}

const scenesOf = (questions: readonly Question[], found: readonly Row[]): ReadScene[] => {
  const rowsOf = Map.groupBy(found, ({ n }) => n - 1)
  return questions.map((question, index) => sceneOf(question, rowsOf.get(index) ?? []))
}

function readPresent({ db, facts }: FactParts, questions: readonly Question[], { atLeast }: Freshness): Promise<ReadScene[]> {
  return readingBoth(facts, async (reading) => {
    const found = await db.pipeline.run<Row>(factsStatement, factsValues(questions))
    for (const { accountId, accountVersion, organizationId, organizationVersion } of found) {
      if (accountId) requireFresh(atLeast, 'account', accountId, accountVersion)
      if (organizationId) requireFresh(atLeast, 'organization', organizationId, organizationVersion)
    }
    const rowsOf = Map.groupBy(found, ({ n }) => n - 1)
    return questions.map((question, index) => {
      const rows = rowsOf.get(index) ?? []
      const scene = sceneOf(question, rows)
      const [row] = rows
      if (row && rows.length === 1) rememberRow(reading, question, row, scene)
      return scene
    })
  })
}
