import type { FastifyBaseLogger } from 'fastify'
import { Logger, type Runner, run } from 'graphile-worker'
import { anchorAudit } from '../audit/anchors.ts'
import { eraseDue } from '../closing/erasing.ts'
import { type Database, openDatabase } from '../db/database.ts'
import { loggable } from '../db/errors.ts'
import { databaseOptions } from '../db/options.ts'
import { recheckDomains } from '../domains/recheck.ts'
import { announceBegun } from '../enforcement/announcing.ts'
import { numberEvents } from '../events/numbering.ts'
import { settleAfter } from '../identity/settling.ts'
import { weighAccount } from '../identity/weighing.ts'
import { remindInvitees } from '../invitations/reminders.ts'
import { deliverMail, recoverMails } from '../mail/deliver.ts'
import type { Mailer } from '../mail/mailer.ts'
import type { Parts } from '../parts.ts'
import { cleanUp } from './clean-up.ts'

export interface Worker {
  stop: () => Promise<void>
}

const workerStatementTimeoutMs = 30_000

/** Runs background work until stopped: mails as they are asked for, evidence as it comes in, reminders, proofs of domains, the feed, cleaning and audit anchors by the clock. Survives an unreachable database. */
export async function startWorker(service: Parts, url: string, mailer: Mailer, log: FastifyBaseLogger): Promise<Worker> {
  const options = { ...databaseOptions(service.config, url, log), statementTimeoutMs: workerStatementTimeoutMs, lockTimeoutMs: 10_000 }
  // Connections of its own, with time for long statements: background work takes none from requests.
  const db = openDatabase({ ...options, poolSize: service.config.WORKER_POOL_SIZE }, 'worker')
  const parts: Parts = { ...service, db }
  const runner = await startRunner(parts, db, mailer, log).catch(async (error: unknown) => {
    await db.close()
    throw error
  })
  runner.promise.catch((error: unknown) => log.error({ failure: loggable(error) }, 'the worker stopped'))
  return {
    async stop() {
      await runner.stop().catch(() => undefined)
      await db.close()
    }
  }
}

async function startRunner(parts: Parts, db: Database, mailer: Mailer, log: FastifyBaseLogger): Promise<Runner> {
  await recoverMails(parts)
  return run({
    pgPool: db.pool,
    concurrency: 4,
    noHandleSignals: true,
    pollInterval: 1000,
    // A mail server that does not answer must not hold up a stop: its mail is sent after the next start, under the same Message-ID.
    gracefulShutdownAbortTimeout: parts.config.SHUTDOWN_SECONDS * 333,
    logger: quietLogger(log),
    crontab:
      '* * * * * recover_mails\n* * * * * number_events\n* * * * * announce_enforcement\n*/5 * * * * erase_due\n*/10 * * * * recheck_domains\n5 * * * * clean_up\n10 * * * * anchor_audit\n*/15 * * * * remind_invitees',
    taskList: {
      async deliver_mail(payload, { abortPromise }) {
        const { id } = payload as { id: string }
        const outcome = await Promise.race([deliverMail(parts, mailer, id), abortPromise])
        if (outcome === 'parked') log.error({ outboxId: id }, 'a mail was given up after its last try')
      },
      async weigh_evidence(payload) {
        const { accountId, after } = payload as { accountId: string; after?: string }
        if (after !== undefined) await settleAfter(parts, accountId, after)
        while ((await weighAccount(parts, accountId)).more);
      },
      async recover_mails() {
        await recoverMails(parts)
      },
      async announce_enforcement() {
        await announceBegun(parts)
      },
      async number_events() {
        await numberEvents(parts.db)
      },
      async recheck_domains() {
        await recheckDomains(parts, log)
      },
      async erase_due() {
        await eraseDue(parts, log)
      },
      async clean_up() {
        await cleanUp(parts)
      },
      async remind_invitees() {
        await remindInvitees(parts)
      },
      async anchor_audit() {
        await anchorAudit(parts, log)
      }
    }
  })
}

/** The library's own lines at debug level: what matters is logged by the tasks. */
const quietLogger = (log: FastifyBaseLogger): Logger =>
  new Logger(() => (level, message) => log[level === 'error' ? 'error' : 'debug']({ worker: message }, 'worker'))
