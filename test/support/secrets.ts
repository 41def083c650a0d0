import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance } from 'fastify'

// Bodies that nest thousands of times are sent to see them refused.
const deepest = 50

/** What a secret is for: the only thing that a report says of it. */
export type SecretKind =
  | 'password'
  | 'token'
  | 'refresh cookie'
  | 'client secret'
  | 'TOTP secret'
  | 'recovery code'
  | 'Idempotency-Key'
  | 'evidence'

/** A secret in a text: of which kind, and what stands before it. */
export interface Found {
  kind: SecretKind
  at: number
}

/** In bodies and answers, by the name of the property. Codes of six digits are too short to be told from other numbers, and good for 30 s. */
const secretFields: Record<string, SecretKind> = {
  password: 'password',
  currentPassword: 'password',
  newPassword: 'password',
  token: 'token',
  accessToken: 'token',
  refreshToken: 'token',
  access_token: 'token',
  subject_token: 'token',
  proof: 'token',
  clientSecret: 'client secret',
  client_secret: 'client secret',
  secret: 'TOTP secret',
  recoveryCode: 'recovery code',
  recoveryCodes: 'recovery code'
}

/** Our own tokens are secrets wherever they stand, also those that this world never saw on their way. */
const ownTokens = /(?<![\w-])gh[a-z]_[\w-]{49}(?![\w-])|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}/

/** Evidence of what an account shows by itself: a name stands where the person wrote it. */
const shownAnyway = new Set(['name_birth_date'])

/** What is shorter is found by chance. */
const shortest = 8
const most = 50_000
const multiplier = 0x01000193
const bits = 20

/** Keeps the secrets that pass through a world, and finds them in texts. At most 50,000: what comes later is found by its form only. */
export function secretKeeper() {
  const kept = new Map<string, SecretKind>()
  const known = new Set<string>()

  function keep(kind: SecretKind, value: unknown): void {
    if (kind === 'token' && typeof value === 'string' && value.length < 20) return
    if (typeof value !== 'string' || value.length < shortest || kept.size >= most || known.has(value)) return
    kept.set(value, kind)
    // As it stands in JSON, which logs and dumps are.
    const escaped = JSON.stringify(value).slice(1, -1)
    if (escaped !== value) kept.set(escaped, kind)
  }

  /** What a test sends in the place of a secret, though everybody may know it. */
  function isNone(value: string): string {
    known.add(value)
    return value
  }

  /** All secrets in a document, by the names of its properties, and in links; no schema of ours is as deep as it looks. */
  function keepIn(document: unknown, isEvidence = false, depth = 0): void {
    if (typeof document === 'string') {
      for (const [, token] of document.matchAll(/[#?&]token=([\w.~-]+)/g)) keep('token', token)
      return
    }
    if (typeof document !== 'object' || document === null || depth > deepest) return
    for (const [name, value] of Object.entries(document)) {
      const kind = Object.hasOwn(secretFields, name)
        ? secretFields[name]
        : isEvidence && name === 'value' && !shownAnyway.has(String((document as { kind?: unknown }).kind))
          ? 'evidence'
          : undefined
      if (!kind) keepIn(value, isEvidence, depth + 1)
      else for (const each of Array.isArray(value) ? value : [value]) keepEach(kind, each)
    }
  }

  function keepEach(kind: SecretKind, value: unknown): void {
    if (kind !== 'evidence') keep(kind, value)
    else if (typeof value === 'string') {
      // Numbers of documents and phones, with and without what people write between the digits.
      const plain = value.replace(/[^\p{L}\p{N}]/gu, '')
      // `0000-0000` names nobody, and is a part of ids of our own.
      if (new Set(plain).size < 3) return
      keep(kind, value)
      for (const form of [plain, plain.toUpperCase(), plain.toLowerCase()]) keep(kind, form)
    }
  }

  function keepHeaders(headers: IncomingHttpHeaders): void {
    const { authorization = '', cookie = '', 'idempotency-key': key } = headers
    if (typeof key === 'string') keep('Idempotency-Key', /^"?(.*?)"?$/.exec(key)![1])
    const [scheme = '', credentials = ''] = authorization.split(' ')
    if (/^bearer$/i.test(scheme)) keep('token', credentials)
    if (/^basic$/i.test(scheme)) keep('client secret', Buffer.from(credentials, 'base64').toString().split(':').slice(1).join(':'))
    keep('refresh cookie', /__Host-guildhall-refresh=([^;]*)/.exec(cookie)?.[1])
  }

  /** Listens to what comes to an instance and leaves it. Before it is ready. */
  function listen(app: FastifyInstance): void {
    app.addHook('preHandler', async (request) => {
      keepHeaders(request.headers)
      keepIn(request.body, /\/evidence$/.test(request.url))
    })
    app.addHook('onSend', async ({ routeOptions }, reply, payload) => {
      keep('refresh cookie', /__Host-guildhall-refresh=([^;]*)/.exec(String(reply.getHeader('set-cookie') ?? ''))?.[1])
      // Of operations only: the documentation is full of examples.
      const told = routeOptions.config.spec && reply.statusCode < 300 && typeof payload === 'string' && payload.startsWith('{')
      if (told) keepIn(JSON.parse(payload))
    })
  }

  /**
   * What finds the first of the secrets kept until now, in one pass over a text: a rolling hash of eight characters is looked up in a table of
   * the last eight of each secret, and only where it is there are they compared.
   */
  function seeker(): (text: string) => Found | undefined {
    const table = new Uint8Array(1 << bits)
    const byHash = new Map<number, Array<[secret: string, kind: SecretKind]>>()
    for (const [secret, kind] of kept) {
      let hash = 0
      for (let at = secret.length - shortest; at < secret.length; at++) hash = (Math.imul(hash, multiplier) + secret.charCodeAt(at)) | 0
      table[hash >>> (32 - bits)] = 1
      byHash.set(hash, [...(byHash.get(hash) ?? []), [secret, kind]])
    }
    let leaving = 1
    for (let count = 0; count < shortest; count++) leaving = Math.imul(leaving, multiplier)
    return (text) => {
      const own = ownTokens.exec(text)
      if (own) return { kind: 'token', at: own.index }
      let hash = 0
      for (let at = 0; at < text.length; at++) {
        hash = (Math.imul(hash, multiplier) + text.charCodeAt(at)) | 0
        if (at >= shortest) hash = (hash - Math.imul(leaving, text.charCodeAt(at - shortest))) | 0
        if (table[hash >>> (32 - bits)] === 0) continue
        for (const [secret, kind] of byHash.get(hash) ?? []) {
          const start = at + 1 - secret.length
          if (start >= 0 && text.startsWith(secret, start)) return { kind, at: start }
        }
      }
      return undefined
    }
  }

  return { keep, keepIn, keepHeaders, isNone, listen, seeker }
}

export type SecretKeeper = ReturnType<typeof secretKeeper>
