import { createHash, randomUUID } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import { deliveryAddress } from '../accounts/email-address.ts'

export interface Message {
  /** Fixed for each mail, so that sending it again is recognised; with its angle brackets. */
  messageId: string
  /** One address, checked before: nothing here takes it apart. */
  to: string
  subject: string
  text: string
  html: string
  /** Beside those that every mail has. Made by the service: nothing that people wrote belongs here. */
  headers?: Record<string, string>
}

export interface Mailer {
  /** Resolves once the mail is in other hands. @throws when it may not be; whether to send it again is for the caller to say. */
  send(message: Message): Promise<void>
  /** Waits for the mails that are being sent, then lets go of connections. */
  close(): Promise<void>
}

export interface SmtpOptions {
  /** `smtp://` or `smtps://`. Its parameters win over the ones here, e.g. `?connectionTimeout=20000` for a server that greets late. */
  url: string
  from: string
}

const poolSize = 4
const connectMs = 5000
const commandMs = 15_000
// A server that answers byte by byte is never silent, so the whole delivery has an end too.
const deliveryMs = 60_000

/** Hands mails to a mail server, at most four at a time. Content is never read from files or addresses. */
export function smtpMailer({ url, from }: SmtpOptions): Mailer {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: poolSize,
    connectionTimeout: connectMs,
    greetingTimeout: commandMs,
    socketTimeout: commandMs,
    disableFileAccess: true,
    disableUrlAccess: true
  })
  const deliveries = runningWork()
  return {
    async send({ messageId, to, subject, text, html, headers }) {
      const delivery = transport.sendMail({
        messageId,
        from,
        to: { name: '', address: deliveryAddress(to) },
        subject,
        text,
        html,
        headers: { 'Auto-Submitted': 'auto-generated', ...headers },
        disableFileAccess: true,
        disableUrlAccess: true,
        signal: AbortSignal.timeout(deliveryMs)
      })
      await deliveries.add(delivery)
    },
    async close() {
      await deliveries.settled()
      transport.close()
    }
  }
}

/** A mail that was kept instead of sent. */
export interface KeptMail extends Message {
  id: string
  from: string
  /** When it was kept, ISO 8601. */
  at: string
}

const keptMails = 500
const idPattern = /^[0-9a-f]{32}$/

/**
 * Keeps mails in a folder that only this user can read, one JSON file each, written whole or not at all. A mail that is sent again takes
 * the place of the first; beyond 500 the oldest are deleted.
 */
export function folderMailer({ folder, from }: { folder: string; from: string }): Mailer {
  let latest = 0
  const writes = runningWork()

  async function keep({ messageId, to, subject, text, html, headers }: Message): Promise<void> {
    // Never twice the same moment: lists are in order of sending.
    latest = Math.max(Date.now(), latest + 1)
    const id = createHash('sha256').update(messageId).digest('hex').slice(0, 32)
    const at = new Date(latest).toISOString()
    const mail: KeptMail = { id, messageId, from, to, subject, text, html, ...(headers ? { headers } : {}), at }
    await mkdir(folder, { recursive: true, mode: 0o700 })
    // A folder that was there before may be open to others.
    await chmod(folder, 0o700)
    const draft = join(folder, `${id}.${randomUUID()}.draft`)
    try {
      await writeFile(draft, JSON.stringify(mail, null, 2), { mode: 0o600, flag: 'wx' })
      await rename(draft, join(folder, `${id}.json`))
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
    if ((await idsIn(folder)).length <= keptMails) return
    const old = (await listMails(folder)).slice(keptMails)
    await Promise.all(old.map(({ id }) => rm(join(folder, `${id}.json`), { force: true })))
  }

  return {
    send: (message) => writes.add(keep(message)),
    close: () => writes.settled()
  }
}

/** The kept mails, newest first; with `to`, those to that address in any case. None when nothing was kept yet. */
export async function listMails(folder: string, { to }: { to?: string | undefined } = {}): Promise<KeptMail[]> {
  const mails = await Promise.all((await idsIn(folder)).map((id) => readMail(folder, id)))
  return mails
    .filter((mail) => mail !== undefined)
    .filter((mail) => to === undefined || mail.to.toLowerCase() === to.toLowerCase())
    .sort((one, other) => (one.at < other.at ? 1 : -1))
}

/** One kept mail, undefined when there is none. */
export async function readMail(folder: string, id: string): Promise<KeptMail | undefined> {
  // Ids come from addresses of pages, and must not lead out of the folder.
  if (!idPattern.test(id)) return undefined
  const text = await unlessMissing(readFile(join(folder, `${id}.json`), 'utf8'))
  return text === undefined ? undefined : JSON.parse(text)
}

async function idsIn(folder: string): Promise<string[]> {
  const names = (await unlessMissing(readdir(folder))) ?? []
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .filter((id) => idPattern.test(id))
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Work that a close waits for. */
function runningWork() {
  const running = new Set<Promise<unknown>>()
  return {
    async add<T>(work: Promise<T>): Promise<void> {
      running.add(work)
      await work.finally(() => running.delete(work))
    },
    async settled(): Promise<void> {
      await Promise.allSettled(running)
    }
  }
}
