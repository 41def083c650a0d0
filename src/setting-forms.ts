import { z } from 'zod'
import { trustedProxies } from './http/addresses.ts'

/** Every number has a floor and a ceiling, so that a typing error stops the start and does not weaken the service. */

export const whole = (floor: number, ceiling: number) =>
  z
    .string()
    .regex(/^\d{1,12}$/, 'must be a whole number')
    .transform(Number)
    .refine((n) => n >= floor && n <= ceiling, `must be between ${floor} and ${ceiling}`)
    .meta({ allowed: `${floor} to ${ceiling}` })

export const flag = z
  .enum(['true', 'false'])
  .transform((value) => value === 'true')
  .meta({ allowed: '`true`, `false`' })

const isWebUrl = (text: string): boolean => {
  const url = safeUrl(text)
  return url !== undefined && /^https?:$/.test(url.protocol) && url.username + url.password + url.search + url.hash === ''
}

export const webUrl = z
  .string()
  .transform((value) => value.replace(/\/+$/, ''))
  .refine(isWebUrl, 'must be an http or https URL without credentials, query or fragment')

export const listed = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)

export const webOrigins = z
  .string()
  .transform(listed)
  .refine(
    (origins) => origins.every((origin) => isWebUrl(origin) && new URL(origin).origin === origin),
    'must be origins such as https://app.example'
  )

export const proxies = z.string().refine((value) => {
  try {
    return Boolean(trustedProxies(value))
  } catch {
    return false
  }
}, 'must be IP addresses or subnets')

export const postgresUrl = z
  .string()
  .refine((value) => /^postgres(ql)?:$/.test(safeUrl(value)?.protocol ?? ''), 'must be a postgres:// URL')

export const postgresUrls = z
  .string()
  .transform(listed)
  .refine((urls) => urls.every((url) => postgresUrl.safeParse(url).success), 'must be postgres:// URLs')

export const smtpUrl = z.string().refine((value) => /^smtps?:$/.test(safeUrl(value)?.protocol ?? ''), 'must be an smtp:// or smtps:// URL')

const units = { s: 1, min: 60, h: 3600, d: 86_400 } as const

/** A rate: at most `amount` in any fixed window of `seconds`, counted by the database clock. */
export interface Rate {
  amount: number
  seconds: number
}

export const rates = z
  .string()
  .regex(/^[1-9]\d{0,8}\/(s|min|h|d)(,[1-9]\d{0,8}\/(s|min|h|d))*$/, 'must look like 30/min or 30/min,300/h')
  .transform((text): Rate[] =>
    text.split(',').map((part) => {
      const [amount, unit] = part.split('/') as [string, keyof typeof units]
      return { amount: Number(amount), seconds: units[unit] }
    })
  )

const planNames = ['teams', 'admins', 'members', 'customRoles'] as const

/** Room that a plan has: teams beside the default one, admins and members beside the owner, custom roles. */
export type PlanLimits = Record<(typeof planNames)[number], number>

export const planLimits = z
  .string()
  .regex(/^(\w+=\d{1,6})(,\w+=\d{1,6})*$/, 'must look like teams=1,admins=1,members=9999,customRoles=0')
  .transform((text) => Object.fromEntries(text.split(',').map((part) => part.split('='))) as Record<string, string>)
  .refine((given) => Object.keys(given).sort().join() === [...planNames].sort().join(), `must set ${planNames.join(', ')}, each once`)
  .transform((given) => Object.fromEntries(planNames.map((name) => [name, Number(given[name])])) as PlanLimits)

const weighed = ['device', 'ip', 'address', 'name_birth_date', 'mailbox'] as const

/** Points that weak evidence of a kind adds to a score; a kind that is left out adds none. */
export type EvidenceWeights = Partial<Record<string, number>>

export const evidenceWeights = z
  .string()
  .regex(/^(\w+=\d{1,3})(,\w+=\d{1,3})*$/, 'must look like device=20,ip=10')
  .transform((text) => text.split(',').map((part) => part.split('=') as [string, string]))
  .refine(
    (given) =>
      given.every(([kind]) => (weighed as readonly string[]).includes(kind)) && new Set(given.map(([kind]) => kind)).size === given.length,
    `may set ${weighed.join(', ')}, each once`
  )
  .transform((given): EvidenceWeights => Object.fromEntries(given.map(([kind, points]) => [kind, Number(points)])))

export interface Setting<S extends z.ZodType = z.ZodType, F extends string | undefined = string | undefined> {
  group: string
  schema: S
  /** The default as it would be written in the environment. */
  fallback: F
  describe: string
}

export const setting = <S extends z.ZodType, F extends string | undefined>(
  group: string,
  schema: S,
  fallback: F,
  describe: string
): Setting<S, F> => ({
  group,
  schema,
  fallback,
  describe
})

export function safeUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}
