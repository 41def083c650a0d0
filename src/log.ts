import pino, { type Logger } from 'pino'
import pretty from 'pino-pretty'
import type { Config } from './config.ts'
import { loggable } from './db/errors.ts'

// Wherever one of these turns up in what is logged, at the top or one level down, its value is left out.
const secretNames = new Set([
  'password',
  'currentPassword',
  'newPassword',
  'totp',
  'recoveryCode',
  'token',
  'accessToken',
  'refreshToken',
  'clientSecret',
  'client_secret',
  'authorization',
  'cookie',
  'set-cookie',
  'idempotency-key',
  'email',
  'address',
  'firstName',
  'lastName'
])

/** The same without the values of secret names. Every request logs, and this walk costs a tenth of what pino's own redaction does. */
function withoutSecrets(object: Record<string, unknown>, depth = 1): Record<string, unknown> {
  let clean = object
  for (const [name, value] of Object.entries(object)) {
    // Errors have a serializer, which needs them as they are.
    const deeper = depth > 0 && name !== 'err' && typeof value === 'object' && value !== null
    const kept = secretNames.has(name) ? '[redacted]' : deeper ? withoutSecrets(value as Record<string, unknown>, depth - 1) : value
    if (kept === value) continue
    if (clean === object) clean = { ...object }
    clean[name] = kept
  }
  return clean
}

let written = { at: Number.NaN, text: '' }

/** The time of a line, as pino's own, but of the many lines of a millisecond only the first makes the text. */
export function isoTime(): string {
  const at = Date.now()
  if (at !== written.at) written = { at, text: `,"time":"${new Date(at).toISOString()}"` }
  return written.text
}

/** What a log line is made of: secrets and personal values are left out. */
export const logOptions = ({ LOG_LEVEL }: Pick<Config, 'LOG_LEVEL'>) => ({
  level: LOG_LEVEL,
  // A request is never logged whole: its address and headers hold personal data. Nor is an error: its message may quote them.
  serializers: { req: () => undefined, res: () => undefined, err: loggable },
  formatters: { level: (label: string) => ({ level: label }), log: (object: Record<string, unknown>) => withoutSecrets(object) },
  timestamp: isoTime,
  base: null
})

/** Logs as JSON lines; readable ones on a terminal. */
export function makeLogger(config: Pick<Config, 'LOG_LEVEL'>): Logger {
  const options = logOptions(config)
  if (!process.stdout.isTTY) return pino(options, pino.destination({ dest: 1, sync: false, minLength: 8192, periodicFlush: 100 }))
  return pino(options, pretty({ colorize: true, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname', singleLine: true }))
}
