import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import t, { type Test } from 'tap'
import { folderMailer, listMails, type Message, readMail, smtpMailer } from '../../src/mail/mailer.ts'
import { renderMail } from '../../src/mail/templates.ts'

const from = 'Guildhall <no-reply@guildhall.example>'
const letter = (index: number | string = 1, to = 'Anna.B@example.com'): Message => ({
  messageId: `<${index}@guildhall.example>`,
  to,
  ...renderMail({ kind: 'verify_email', firstName: 'Ännä', link: 'https://guildhall.example/verify-email#token=a&b=c', hours: 24 }, 'de')
})

interface Received {
  from: string
  to: string[]
  mail: Email
}

/** A mail server on a free port; answers its URL and what it took. */
async function mailServer(t: Test, options: SMTPServerOptions = {}): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = []
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, session, done) {
      const take = async () => {
        const mail = await PostalMime.parse(await text(stream))
        const { mailFrom, rcptTo } = session.envelope
        received.push({ from: mailFrom === false ? '' : mailFrom.address, to: rcptTo.map(({ address }) => address), mail })
      }
      take().then(() => done(), done)
    },
    ...options
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => new Promise<void>((resolve) => server.close(resolve)))
  return { url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`, received }
}

/** A server without manners on a free port: what it does with a connection is all it does. */
async function rawServer(t: Test, answer: (socket: Socket) => void): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = () => new Promise<void>((resolve) => server.close(() => resolve()))
  t.teardown(stop)
  return { url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`, stop }
}

function mailerTo(t: Test, url: string) {
  const mailer = smtpMailer({ url, from })
  t.teardown(() => mailer.close())
  return mailer
}

t.test('a mail server gets the mail as it is', async (t) => {
  const { url, received } = await mailServer(t)
  const mailer = mailerTo(t, url)
  await mailer.send(letter())
  await mailer.send(letter())
  t.equal(received.length, 2)
  for (const { mail, from, to } of received) {
    t.equal(from, 'no-reply@guildhall.example')
    t.same(to, ['Anna.B@example.com'])
    t.match(mail.from, { name: 'Guildhall', address: 'no-reply@guildhall.example' })
    t.match(mail.to, [{ name: '', address: 'Anna.B@example.com' }])
    t.equal(mail.messageId, '<1@guildhall.example>')
    t.equal(mail.subject, letter().subject)
    t.equal(mail.text?.trimEnd(), letter().text.trimEnd())
    t.equal(mail.html?.trimEnd(), letter().html.trimEnd())
    t.same(
      mail.headers.filter(({ key }) => key === 'auto-submitted').map(({ value }) => value),
      ['auto-generated']
    )
    t.same(mail.attachments, [])
  }
})

t.test('an address is never taken apart', async (t) => {
  const { url, received } = await mailServer(t)
  const mailer = mailerTo(t, url)
  for (const to of ['a@one.example, b@two.example', 'Anna <a@one.example>', 'all: a@one.example;', 'a@one.example\r\nBcc: b@two.example']) {
    const recipients = await mailer.send(letter(1, to)).then(
      (): string[] => received.at(-1)!.to,
      (): string[] => []
    )
    t.notOk(recipients.includes('a@one.example') || recipients.includes('b@two.example'), to)
    t.ok(recipients.length <= 1, to)
  }
})

t.test('a mail that looks like a file or an address is not read from there', async (t) => {
  const { url, received } = await mailServer(t)
  const hostile = { path: '/etc/hostname' } as unknown as string
  await t.rejects(mailerTo(t, url).send({ ...letter(), text: hostile }), /^File access rejected/)
  await t.rejects(mailerTo(t, url).send({ ...letter(), html: { href: url } as unknown as string }), /^Url access rejected/)
  t.equal(received.length, 0)
})

t.test('at most four connections are open, and all are let go', async (t) => {
  let open = 0
  let most = 0
  const { url, received } = await mailServer(t, {
    onConnect(_session, done) {
      most = Math.max(most, ++open)
      done()
    },
    onClose() {
      open--
    }
  })
  const mailer = mailerTo(t, url)
  const all = Array.from({ length: 12 }, (_, index) => mailer.send(letter(index)))
  await mailer.close()
  t.equal(received.length, 12, 'a close waits for what is being sent')
  await Promise.all(all)
  t.ok(most > 1 && most <= 4, `${most}`)
  while (open > 0) await delay(5)
  await t.rejects(mailer.send(letter()))
})

t.test('what was not taken is an error', async (t) => {
  const unused = await rawServer(t, () => undefined)
  await unused.stop()
  await t.rejects(mailerTo(t, unused.url).send(letter()), { code: 'ESOCKET' }, 'nobody listens')

  const refusing = await mailServer(t, {
    onRcptTo: (_address, _session, done) => done(Object.assign(new Error('no such mailbox'), { responseCode: 550 }))
  })
  await t.rejects(mailerTo(t, refusing.url).send(letter()), { code: 'EENVELOPE', responseCode: 550 })

  const full = await mailServer(t, {
    onData(stream, _session, done) {
      stream.resume().on('end', () => done(Object.assign(new Error('full'), { responseCode: 452 })))
    }
  })
  await t.rejects(mailerTo(t, full.url).send(letter()), { code: 'EMESSAGE', responseCode: 452 })
})

t.test('a silent server is given up; its URL says after how long', async (t) => {
  const silent = await rawServer(t, () => undefined)
  await t.rejects(mailerTo(t, `${silent.url}?connectionTimeout=60&socketTimeout=60`).send(letter()), { code: 'ETIMEDOUT' })
})

t.test('a mail whose connection broke is not sent a second time', async (t) => {
  let taken = 0
  const breaking = await rawServer(t, (socket) => {
    socket.on('error', () => undefined).write('220 mail\r\n')
    let mail: string | undefined
    socket.setEncoding('utf8').on('data', (said: string) => {
      if (mail === undefined) {
        if (said.startsWith('DATA')) mail = ''
        socket.write(mail === '' ? '354 go on\r\n' : '250 ok\r\n')
      } else if ((mail += said).endsWith('\r\n.\r\n')) {
        taken++
        socket.destroy()
      }
    })
  })
  await t.rejects(mailerTo(t, breaking.url).send(letter()), { code: 'ECONNECTION' })
  t.equal(taken, 1)
})

async function folderFor(t: Test): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'guildhall-mail-'))
  t.teardown(() => rm(parent, { recursive: true, force: true }))
  return join(parent, 'data', 'mail')
}

t.test('a folder keeps whole mails, newest first, for its owner only', async (t) => {
  const folder = await folderFor(t)
  t.same(await listMails(folder), [], 'before the first mail')
  await mkdir(folder, { recursive: true })
  await chmod(folder, 0o755)

  const mailer = folderMailer({ folder, from })
  await mailer.send(letter(1))
  await mailer.send(letter(2, 'bob@example.com'))
  await mailer.send(letter(3))
  await mailer.close()

  const mails = await listMails(folder)
  t.same(
    mails.map(({ messageId }) => messageId),
    [3, 2, 1].map((index) => `<${index}@guildhall.example>`)
  )
  const { id, at, ...rest } = mails[0]!
  t.same(rest, { ...letter(3), from })
  t.match(id, /^[0-9a-f]{32}$/)
  t.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000)
  t.equal(at, new Date(at).toISOString())

  t.equal((await stat(folder)).mode & 0o777, 0o700)
  const names = await readdir(folder)
  t.equal(names.length, 3, 'no drafts remain')
  for (const name of names) t.equal((await stat(join(folder, name))).mode & 0o777, 0o600)
  t.same(JSON.parse(await readFile(join(folder, `${id}.json`), 'utf8')), mails[0])
})

t.test('mails are found by recipient in any case, and by id', async (t) => {
  const folder = await folderFor(t)
  const mailer = folderMailer({ folder, from })
  await mailer.send(letter(1))
  await mailer.send(letter(2, 'bob@example.com'))
  const mine = await listMails(folder, { to: 'anna.b@EXAMPLE.com' })
  t.same(
    mine.map(({ to }) => to),
    ['Anna.B@example.com']
  )
  t.same(await listMails(folder, { to: 'example.com' }), [])
  t.same(await readMail(folder, mine[0]!.id), mine[0])

  await writeFile(join(folder, '..', 'secret.json'), '{"secret":true}')
  for (const id of ['../secret', '', '0'.repeat(32), `${mine[0]!.id}.json`, mine[0]!.id.toUpperCase()]) {
    t.equal(await readMail(folder, id), undefined, id)
  }
})

t.test('a mail sent again takes the place of the first', async (t) => {
  const folder = await folderFor(t)
  const mailer = folderMailer({ folder, from })
  await mailer.send(letter(1))
  await mailer.send(letter(2))
  await Promise.all([1, 1, 1].map((index) => mailer.send({ ...letter(index), subject: 'again' })))
  const mails = await listMails(folder)
  t.same(
    mails.map(({ messageId, subject }) => [messageId, subject]),
    [
      ['<1@guildhall.example>', 'again'],
      ['<2@guildhall.example>', letter().subject]
    ]
  )
})

t.test('the newest 500 mails stay', async (t) => {
  const folder = await folderFor(t)
  const mailer = folderMailer({ folder, from })
  const short = (index: number): Message => ({ ...letter(index), text: '', html: '' })
  for (let index = 0; index < 500; index += 100)
    await Promise.all(Array.from({ length: 100 }, (_, more) => mailer.send(short(index + more))))
  await mailer.send(short(500))
  await Promise.all([501, 502].map((index) => mailer.send(short(index))))
  const left = (await listMails(folder)).map(({ messageId }) => Number.parseInt(messageId.slice(1), 10))
  t.same(
    left,
    Array.from({ length: 500 }, (_, index) => 502 - index)
  )
})

t.test('a folder that cannot be written is an error', async (t) => {
  const folder = await folderFor(t)
  await mkdir(join(folder, '..'), { recursive: true })
  await writeFile(folder, 'a file')
  await t.rejects(folderMailer({ folder, from }).send(letter()), { code: 'EEXIST' })
})
