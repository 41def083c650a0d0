import type { Db } from '../db/database.ts'
import type { Statement } from '../db/pipeline.ts'
import type { Replicas } from '../db/replicas.ts'
import { requireFresh, type Versions } from '../http/consistency.ts'
import type { Question } from '../permissions/answer.ts'
import { after, type Soon } from '../soon.ts'
import { factsStatement, factsValues, type Row } from './facts-statement.ts'
import { isPlain, type KnownFacts, proofOf, readingBoth, rememberedScenes, rememberRow } from './known-facts.ts'
import { type PlainRow, plainLook, rowOf } from './plain-statements.ts'
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

/** The scenes of the questions from what is kept, where that is recent and fresh enough for every one of them. */
export const rememberedFacts = (
  { db, facts }: FactParts,
  questions: readonly Question[],
  { full, atLeast }: Freshness
): Soon<ReadScene[] | undefined> => (full ? undefined : rememberedScenes(db, facts, questions, atLeast))

/**
 * What the questions depend on, a scene for each in their order, all of one look: from what is kept where that does, else all of it from the database, in
 * one snapshot. Decisions are never kept, only what they are made from. @throws not_fresh_enough, service_unavailable
 */
export const readFacts = (parts: FactParts, questions: readonly Question[], freshness: Freshness): Soon<ReadScene[]> =>
  after(rememberedFacts(parts, questions, freshness), (scenes) => scenes ?? readAnew(parts, questions, freshness))

/** The same, but nothing of it from what is kept. */
export async function readAnew(parts: FactParts, questions: readonly Question[], freshness: Freshness): Promise<ReadScene[]> {
  if (questions.length === 0) return []
  return (await readReplica(parts, questions, freshness)) ?? readPresent(parts, questions, freshness)
}

/** One look: its statement, and what its rows show of each question. */
interface Look<Found extends object> {
  statement: Statement
  values: unknown[]
  rowsOf: (found: readonly Found[]) => (readonly Row[])[]
}

function lookFor(questions: readonly Question[]): Look<Row> | Look<PlainRow> {
  const [only, ...others] = questions
  if (only && others.length === 0 && isPlain(only)) {
    return { ...plainLook(only), rowsOf: (found: readonly PlainRow[]) => [found.map((row) => rowOf(row, only))] }
  }
  return {
    statement: factsStatement,
    values: factsValues(questions),
    rowsOf(found: readonly Row[]) {
      const rows = Map.groupBy(found, ({ n }) => n - 1)
      return questions.map((_, index) => rows.get(index) ?? [])
    }
  }
}

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
  const look = lookFor(questions)
  const found = await replicas.read<Row & PlainRow>(look.statement, look.values, atLeast && proofOf(atLeast))
  return found && look.rowsOf(found).map((rows, index) => sceneOf(questions[index]!, rows))
}

function readPresent({ db, facts }: FactParts, questions: readonly Question[], { atLeast }: Freshness): Promise<ReadScene[]> {
  const look = lookFor(questions)
  return readingBoth(facts, async (reading) => {
    const found = look.rowsOf(await db.pipeline.run<Row & PlainRow>(look.statement, look.values))
    return found.map((rows, index) => {
      const question = questions[index]!
      for (const row of rows) requireFreshRow(atLeast, row)
      const scene = sceneOf(question, rows)
      const [row] = rows
      if (row && rows.length === 1) rememberRow(reading, question, row, scene)
      return scene
    })
  })
}

function requireFreshRow(atLeast: Versions | undefined, { accountId, accountVersion, organizationId, organizationVersion }: Row): void {
  if (accountId) requireFresh(atLeast, 'account', accountId, accountVersion)
  if (organizationId) requireFresh(atLeast, 'organization', organizationId, organizationVersion)
}
