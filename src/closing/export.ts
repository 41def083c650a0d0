import type { ActorOf } from '../actor.ts'
import { record } from '../audit/record.ts'
import { publicId } from '../http/ids.ts'
import type { Parts } from '../parts.ts'
import { exportDecisions } from './export-decisions.ts'
import { exportPerson } from './export-person.ts'
import { exportWork } from './export-work.ts'

/** Of the document: a number that rises when a reader of the former one would not understand it. */
export const exportVersion = 1 as const

export type PersonalData = Awaited<ReturnType<typeof exportPersonalData>>

/**
 * Everything that is kept of the person, as of one moment (P-16): read in one snapshot. Of others it shows nothing that the person does not
 * see anyway. That it was asked for is in the history of the account.
 */
export async function exportPersonalData({ db, config }: Parts, actor: ActorOf<'account'>) {
  const { accountId } = actor
  await db.transaction((tx) =>
    record(tx, {
      actor,
      chain: { kind: 'account', id: accountId },
      action: 'account.exported',
      resource: publicId('account', accountId)
    })
  )
  return db.query.transaction(
    async (tx) => ({
      schemaVersion: exportVersion,
      exportedAt: new Date().toISOString(),
      ...(await exportPerson(tx, config.keys, accountId)),
      ...(await exportWork(tx, accountId)),
      ...(await exportDecisions(tx, accountId))
    }),
    { isolationLevel: 'repeatable read', accessMode: 'read only' }
  )
}
