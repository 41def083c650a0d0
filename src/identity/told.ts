import type { Tx } from '../db/database.ts'
import { requestMail } from '../mail/outbox.ts'
import type { DuplicateCase } from './cases.ts'

/** A case on weak evidence alone is for operators: nobody is told of it (P-6). */
export const wasTold = ({ origin, status }: Pick<DuplicateCase, 'origin' | 'status'>): boolean =>
  origin === 'strong' || status === 'awaiting_choice'

/** Tells whoever has the newer account of a case that waits for them, or that they seem to go round a decision (P-8). */
export async function tellOfCase(tx: Tx, { id, newerAccountId }: DuplicateCase, accountId = newerAccountId): Promise<void> {
  await requestMail(tx, { kind: 'duplicate_case', caseId: id, accountId })
}

/** Tells whoever was told of a case that it is over. */
export async function tellSettled(tx: Tx, found: DuplicateCase): Promise<void> {
  if (wasTold(found)) await requestMail(tx, { kind: 'case_closed', caseId: found.id, accountId: found.newerAccountId })
}
