import { answer, type Question } from '../permissions/answer.ts'
import type { Decision } from '../permissions/decide.ts'
import { after, type Soon } from '../soon.ts'
import { type FactParts, type Freshness, present, readAnew, rememberedFacts } from './facts.ts'
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
export function evaluateAll(parts: FactParts, questions: readonly Question[], freshness: Freshness = present): Soon<Evaluated[]> {
  const remembered = rememberedFacts(parts, questions, freshness)
  const scenes = after(remembered, (found) => found ?? readDistinct(parts, questions, freshness))
  return after(scenes, (found) =>
    questions.map((question, index): Evaluated => {
      const scene = found[index]!
      return { question, scene, decision: answer(question, scene) }
    })
  )
}

/** The scenes of all questions, each that several depend on read once. */
async function readDistinct(parts: FactParts, questions: readonly Question[], freshness: Freshness): Promise<ReadScene[]> {
  if (questions.length === 1) return readAnew(parts, questions, freshness)
  const places = new Map<string, number>()
  const distinct: Question[] = []
  const placeOf = questions.map((question) => {
    const key = factsKey(question)
    const known = places.get(key)
    if (known !== undefined) return known
    places.set(key, distinct.length)
    return distinct.push(question) - 1
  })
  const scenes = await readAnew(parts, distinct, freshness)
  return placeOf.map((place) => scenes[place]!)
}

const factsKey = ({ accountId, resource, counterparty, delegation }: Question): string =>
  counterparty === undefined && delegation === undefined
    ? `${accountId} ${resource.type} ${resource.id}`
    : JSON.stringify([accountId, resource.type, resource.id, counterparty, delegation?.managerId, delegation?.agencyId])
