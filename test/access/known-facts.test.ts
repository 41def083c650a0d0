import t from 'tap'
import { openKnownFacts, readingBoth, rememberedScenes, rememberRow } from '../../src/access/known-facts.ts'
import { type PlainRow, rowOf } from '../../src/access/plain-statements.ts'
import { sceneOf } from '../../src/access/scenes.ts'
import type { Changes } from '../../src/db/changes.ts'
import type { Db } from '../../src/db/database.ts'
import { newId } from '../../src/http/ids.ts'
import type { Question } from '../../src/permissions/answer.ts'

/** Facts that are kept while no notice comes: the versions in the database are all that tells of a change. */
const silent: Changes = { heard: () => true, follow: () => undefined, forget: () => undefined, close: async () => undefined }
const [accountId, organizationId] = [newId(), newId()]
const question: Question = { accountId, permission: 'job.post', resource: { type: 'company', id: organizationId } }
const factsAt = (version: number, role: string): PlainRow['facts'] =>
  // biome-ignore format: a row
  [accountId, 'active', 'none', version, null, false, organizationId, 'company', 'active', 'none', false, 1, 'active', null, false, [[role, null, null]]]

/** A database whose account has the version; meanwhile something else happens. */
const answering = (version: number, meanwhile: () => Promise<void>): Db =>
  ({
    pipeline: {
      async run() {
        await meanwhile()
        return [
          { id: accountId, version },
          { id: organizationId, version: 1 }
        ]
      }
    }
  }) as unknown as Db

t.test('Q-4: what was read anew while it was held against its version is not answered as it was before', async (t) => {
  const facts = openKnownFacts(silent, 10)
  const read = (version: number, role: string): Promise<void> =>
    readingBoth(facts, async (reading) => {
      const row = rowOf({ facts: factsAt(version, role) }, question)
      rememberRow(reading, question, row, sceneOf(question, [row]))
    })
  const rolesBy = async (db: Db): Promise<unknown> => {
    const [scene] = (await rememberedScenes(db, facts, [question], undefined)) ?? []
    return scene?.place && 'grants' in scene.place.person ? scene.place.person.grants.map(({ role }) => role) : undefined
  }
  const age = (): void => {
    const kept = facts.pairs.find(`${accountId} ${organizationId}`)!
    kept.knownAt -= 1001
  }

  await read(1, 'owner')
  age()
  t.strictSame(await rolesBy(answering(1, async () => undefined)), ['owner'], 'of the same version it is answered')
  age()
  t.equal(await rolesBy(answering(2, () => read(2, 'member'))), undefined, 'it is read anew')
  t.strictSame(await rolesBy(answering(2, async () => undefined)), ['member'])
})
