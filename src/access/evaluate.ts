import { answer, type Question } from '../permissions/answer.ts'
import type { Decision } from '../permissions/decide.ts'
import { type FactParts, type Freshness, present, readFacts } from './facts.ts'
import type { ReadScene } from './scenes.ts'

/** What was decided and what it was decided from. */
export interface Evaluated {
  question: Question
  decision: Decision
  scene: ReadScene
}

/**
 * Answers questions of one snapshot, in their order; questions that depend on the same facts share them. What is unknown is denied as it is for
 * whoever is no member; what cannot be read is no answer at all.
 * @throws not_fresh_enough, service_unavailable
 */
export async function evaluateAll(parts: FactParts, questions: readonly Question[], freshness: Freshness = present): Promise<Evaluated[]> {
  const keys = questions.map(factsKey)
  const distinct = [...new Map(questions.map((question, index) => [keys[index]!, question]))]
  const scenes = await readFacts(
    parts,
    distinct.map(([, question]) => question),
    freshness
  )
  const sceneOf = new Map(distinct.map(([key], index) => [key, scenes[index]!]))
  return questions.map((question, index) => {
    const scene = sceneOf.get(keys[index]!)!
    return { question, scene, decision: answer(question, scene) }
  })
}

const factsKey = ({ accountId, resource, counterparty, delegation }: Question): string =>
  JSON.stringify([accountId, resource.type, resource.id, counterparty, delegation?.managerId, delegation?.agencyId])
