import pino, { type Logger } from 'pino'
import pretty from 'pino-pretty'
import type { Config } from './config.ts'
import { loggable } from './db/errors.ts'

// Wherever one of these turns up in what is logged, at the top or one level down, its value is left out.
const secretNames = [
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
]
const paths = secretNames.flatMap((name) => (name.includes('-') ? [`["${name}"]`, `*["${name}"]`] : [name, `*.${name}`]))

/** Logs as JSON lines; readable ones on a terminal. Secrets and personal values are left out. */
export function makeLogger(config: Pick<Config, 'LOG_LEVEL'>): Logger {
  const options = {
    level: config.LOG_LEVEL,
    redact: { paths, censor: '[redacted]' },
    // A request is never logged whole: its address and headers hold personal data. Nor is an error: its message may quote them.
    serializers: { req: () => undefined, res: () => undefined, err: loggable },
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    base: null
  }
  if (!process.stdout.isTTY) return pino(options, pino.destination({ dest: 1, sync: false, minLength: 4096, periodicFlush: 100 }))
  return pino(options, pretty({ colorize: true, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname', singleLine: true }))
}
