import { type Keyring, parseKeyring } from './keyring.ts'
import { type Setting, safeUrl } from './setting-forms.ts'
import { type Environment, settings } from './settings.ts'

/** The environment, parsed once. Nothing else in the service reads `process.env`. A blank variable counts as absent. */
export interface Config extends Environment {
  mode: 'embedded' | 'production'
  /** Origin and base path of this service without a trailing slash; follows the real port when `PORT=0`. */
  publicUrl: string
  appUrl: string
  /** Origins that browsers may call from with cookies. */
  origins: string[]
  keys: Keyring
}

/** Everything that is wrong with the configuration, at once. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly faults: string[]
  constructor(faults: string[]) {
    super(`The service cannot start:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`)
    this.faults = faults
  }
}

/**
 * Reads the configuration. `localKeys` makes or reads the keys that the embedded database keeps beside its data; production
 * never calls it.
 * @throws ConfigError with the list of all faults; values are never repeated in it, since some are secrets.
 */
export function readConfig(env: Record<string, string | undefined>, localKeys: (dataDir: string) => string): Config {
  const faults: string[] = []
  const parsed: Record<string, unknown> = {}
  for (const [name, { schema, ...rest }] of Object.entries(settings) as Array<[string, Setting]>) {
    const text = env[name]?.trim() || rest.fallback
    if (text === undefined) continue
    const result = schema.safeParse(text)
    if (result.success) parsed[name] = result.data
    else faults.push(`${name} ${result.error.issues[0]?.message ?? 'is not valid'}`)
  }
  const environment = parsed as unknown as Environment
  const production = Boolean(env.DATABASE_URL?.trim())
  if (production) faults.push(...productionFaults(env, environment))

  let keys: Keyring | undefined
  const keyText = environment.SECRET_KEYS ?? (production || faults.length > 0 ? undefined : localKeys(environment.DATA_DIR))
  if (keyText !== undefined) {
    const result = parseKeyring(keyText)
    if ('faults' in result) faults.push(...result.faults.map((fault) => `SECRET_KEYS ${fault}`))
    else keys = result.keyring
  }
  if (faults.length > 0 || !keys) throw new ConfigError(faults)
  return withPublicUrl({ ...environment, mode: production ? 'production' : 'embedded', keys }, environment.PORT)
}

/** The configuration with the addresses that depend on the port the service really listens on. */
export function withPublicUrl(config: Omit<Config, 'publicUrl' | 'appUrl' | 'origins'>, port: number): Config {
  const publicUrl = config.PUBLIC_URL ?? `http://localhost:${port}`
  const appUrl = config.APP_URL ?? publicUrl
  const origins = [...new Set([publicUrl, appUrl, ...(config.APP_ORIGINS ?? [])].map((url) => new URL(url).origin))]
  return Object.freeze({ ...config, publicUrl, appUrl, origins })
}

function productionFaults(env: Record<string, string | undefined>, environment: Environment): string[] {
  const faults: string[] = []
  const reasons = {
    SECRET_KEYS: 'it peppers passwords and signs links',
    PUBLIC_URL: 'it is the issuer of tokens',
    SMTP_URL: 'nobody can prove an email without it',
    MAIL_FROM: 'mails need a sender'
  }
  for (const [name, reason] of Object.entries(reasons)) if (!env[name]?.trim()) faults.push(`${name} is missing: ${reason}`)
  for (const name of ['PUBLIC_URL', 'APP_URL'] as const) {
    const url = safeUrl(environment[name] ?? '')
    const local = ['localhost', '127.0.0.1', '[::1]'].includes(url?.hostname ?? '')
    if (url?.protocol === 'http:' && !local) faults.push(`${name} must be https`)
  }
  if (environment.MIGRATE_ON_START && !env.DATABASE_MIGRATION_URL?.trim()) faults.push('MIGRATE_ON_START needs DATABASE_MIGRATION_URL')
  return faults
}
