import { z } from 'zod'
import { publicId } from '../http/ids.ts'
import { countryCode, personName } from '../http/text.ts'
import type { AccountView } from './accounts.ts'

export const residence = countryCode.meta({ description: 'Country of residence, ISO 3166-1 alpha-2.' })

/** BCP 47, as browsers send it. */
export const locale = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$/, 'must be a language tag such as en or de-AT')
  .meta({ description: 'Language of mails, BCP 47.' })

export const emailInput = z
  .string()
  .min(3, 'must be an email address')
  .max(320)
  .meta({ description: 'An email address as its owner writes it.' })
export const passwordInput = z.string().min(1).max(2048).meta({ description: 'Taken exactly as it is, after NFC.', format: 'password' })
export const tokenInput = z
  .string()
  .regex(/^[\w-]{20,200}$/, 'must be a token from a link')
  .meta({ description: 'The token out of the link that was mailed.' })

export const emailOnly = z.strictObject({ email: emailInput }).meta({ id: 'EmailOnly' })
export const tokenOnly = z.strictObject({ token: tokenInput }).meta({ id: 'TokenOnly' })

export const registrationInput = z
  .strictObject({
    email: emailInput,
    password: passwordInput,
    firstName: personName,
    lastName: personName,
    countryCode: residence,
    intent: z.enum(['client', 'freelancer']),
    locale: locale.optional()
  })
  .meta({ id: 'Registration' })

export const changesInput = z
  .strictObject({
    firstName: personName.optional(),
    lastName: personName.optional(),
    countryCode: residence.optional(),
    locale: locale.optional()
  })
  .meta({ id: 'AccountChanges' })

export const emailSchema = z.strictObject({ address: z.string(), primary: z.boolean(), verified: z.boolean() }).meta({ id: 'Email' })

export const accountSchema = z
  .strictObject({
    id: z.string().meta({ description: 'TypeID with the prefix `account`.' }),
    status: z.enum(['pending_email', 'active', 'closed', 'anonymised']),
    firstName: z.string(),
    lastName: z.string(),
    countryCode: z.string(),
    intent: z.enum(['client', 'freelancer']),
    locale: z.string(),
    enforcement: z.enum(['none', 'notice', 'warning', 'restricted', 'suspended', 'banned']),
    secondFactor: z.boolean().meta({ description: 'Whether signing in needs a second factor.' }),
    emails: z.array(emailSchema),
    createdAt: z.iso.datetime({ precision: 3 })
  })
  .meta({ id: 'Account' })

/** What an account looks like to its owner. */
export const presentAccount = (account: AccountView): z.output<typeof accountSchema> => ({
  id: publicId('account', account.id),
  status: account.status,
  firstName: account.firstName,
  lastName: account.lastName,
  countryCode: account.countryCode,
  intent: account.intent,
  locale: account.locale,
  enforcement: account.enforcement,
  secondFactor: account.secondFactor,
  emails: account.emails.map(({ address, primary, verified }) => ({ address, primary, verified })),
  createdAt: account.createdAt
})

export const totpCode = z
  .string()
  .regex(/^\d{6}$/, 'must be six digits')
  .meta({ description: 'The six digits that the authenticator app shows.' })

export const accountExample = {
  id: 'account_01k2v5p3e8f5nvx4dz7gq9c1tm',
  status: 'active',
  firstName: 'Olga',
  lastName: 'Okafor',
  countryCode: 'DE',
  intent: 'client',
  locale: 'en',
  enforcement: 'none',
  secondFactor: false,
  emails: [{ address: 'olga@example.com', primary: true, verified: true }],
  createdAt: '2026-08-17T09:30:00.000Z'
} as const
