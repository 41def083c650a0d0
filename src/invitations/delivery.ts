import type { Config } from '../config.ts'
import { longestPauseSeconds } from '../mail/outbox.ts'
import type { Invitation } from './invitations.ts'

export type Delivery = 'queued' | 'sent' | 'undelivered'

/**
 * What became of the last mail. One that is never sent, because its reader wants no invitations (N-8), looks like one that no mail server takes: on
 * its way for as long as the tries would last, then undelivered.
 */
export function deliveryOf(config: Config, { mailStatus, mailAge }: Pick<Invitation, 'mailStatus' | 'mailAge'>): Delivery | null {
  switch (mailStatus) {
    case null:
      return null
    case 'sent':
      return 'sent'
    case 'parked':
      return 'undelivered'
    case 'waiting':
      return 'queued'
    case 'skipped':
      return mailAge < secondsOfAllTries(config) ? 'queued' : 'undelivered'
  }
}

/** How long a mail is tried before it is parked. */
function secondsOfAllTries({ MAIL_ATTEMPTS, MAIL_RETRY_SECONDS }: Pick<Config, 'MAIL_ATTEMPTS' | 'MAIL_RETRY_SECONDS'>): number {
  const pauses = Array.from({ length: MAIL_ATTEMPTS - 1 }, (_, index) => Math.min(longestPauseSeconds, MAIL_RETRY_SECONDS * 2 ** index))
  return pauses.reduce((sum, pause) => sum + pause, 0)
}
