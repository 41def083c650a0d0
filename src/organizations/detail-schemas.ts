import { checkVAT, countries as vatCountries } from 'jsvat-next'
import { z } from 'zod'
import { publicId } from '../http/ids.ts'
import { countryCode, line, paragraphs, webUrl } from '../http/text.ts'
import { agencyExample, companyExample } from './examples.ts'
import type { Face, Organization } from './organizations.ts'
import { companySizes, organizationStatuses, plans } from './tables.ts'

const size = z.enum(companySizes).meta({ description: 'How many people work there.' })
const skills = z.array(line(1, 50)).max(50)

/** Taken without spaces and dots, with its country in front, e.g. `DE123456789`; the form is checked, not whether it is registered. */
const vatNumber = z
  .string()
  .max(40)
  .transform((text) => text.replace(/[\s.-]/g, '').toUpperCase())
  .refine((text) => isVatNumber(text), 'must be a VAT number with its country in front, such as DE123456789')
  .meta({ description: 'With the country in front. Spaces, dots and hyphens are dropped.', override: { type: 'string', maxLength: 40 } })

// EL is Greece, XI Northern Ireland: in use for VAT only.
const vatPrefixes = new Set(vatCountries.flatMap(({ codes }) => codes).filter((code) => /^[A-Z]{2}$/.test(code)))

function isVatNumber(text: string): boolean {
  const prefix = text.slice(0, 2)
  if (vatPrefixes.has(prefix) || prefix === 'EL') return checkVAT(text, vatCountries).isValidFormat
  // Forms of other countries are not known: letters and digits behind a country.
  return /^[A-Z]{2}[A-Z0-9]{4,18}$/.test(text) && countryCode.safeParse(prefix === 'XI' ? 'GB' : prefix).success
}

const timeZones = new Set([...Intl.supportedValuesOf('timeZone'), 'UTC'])
const timeZone = z
  .string()
  .refine((zone) => timeZones.has(zone), 'must be a time zone such as Europe/Berlin')
  .meta({ description: 'IANA time zone.', override: { type: 'string' } })

const securityPolicy = z
  .strictObject({ requireSecondFactor: z.boolean().meta({ description: 'Members without a second factor are denied everything (S-7).' }) })
  .meta({ id: 'SecurityPolicy' })

const companyDetails = {
  displayName: line(1, 100).meta({ description: 'What people call it.' }),
  legalName: line(1, 200).nullable(),
  website: webUrl.nullable(),
  size: size.nullable(),
  countryCode: countryCode.nullable(),
  vatNumber: vatNumber.nullable(),
  timeZone: timeZone.nullable(),
  logoUrl: webUrl.nullable()
}
const agencyDetails = {
  name: line(1, 100),
  tagline: line(1, 140).nullable(),
  description: paragraphs(1, 5000).nullable(),
  skills: skills.nullable(),
  countryCode: countryCode.nullable(),
  website: webUrl.nullable(),
  logoUrl: webUrl.nullable()
}

export const companyInput = z.strictObject(companyDetails).partial().required({ displayName: true }).meta({ id: 'CompanyInput' })
export const agencyInput = z.strictObject(agencyDetails).partial().required({ name: true }).meta({ id: 'AgencyInput' })
export const companyChanges = z
  .strictObject({ ...companyDetails, securityPolicy })
  .partial()
  .meta({ id: 'CompanyChanges' })
export const agencyChanges = z
  .strictObject({ ...agencyDetails, securityPolicy })
  .partial()
  .meta({ id: 'AgencyChanges' })

const common = {
  plan: z.enum(plans),
  status: z.enum(organizationStatuses),
  enforcement: z.string(),
  ownerAccountId: z.string(),
  defaultTeamId: z.string(),
  securityPolicy,
  createdAt: z.iso.datetime({ precision: 3 })
}
const shownText = z.string().nullable()
const companySchema = z
  .strictObject({
    id: z.string().meta({ description: 'TypeID with the prefix `company`.' }),
    displayName: z.string(),
    legalName: shownText,
    website: shownText,
    size: shownText,
    countryCode: shownText,
    vatNumber: shownText,
    timeZone: shownText,
    logoUrl: shownText,
    ...common
  })
  .meta({ id: 'Company' })
const agencySchema = z
  .strictObject({
    id: z.string().meta({ description: 'TypeID with the prefix `agency`.' }),
    name: z.string(),
    tagline: shownText,
    description: shownText,
    skills: z.array(z.string()),
    countryCode: shownText,
    website: shownText,
    logoUrl: shownText,
    ...common
  })
  .meta({ id: 'Agency' })

const presentCommon = (organization: Organization) => ({
  plan: organization.plan,
  status: organization.status,
  enforcement: organization.enforcement,
  ownerAccountId: publicId('account', organization.ownerAccountId),
  defaultTeamId: publicId('team', organization.defaultTeamId),
  securityPolicy: { requireSecondFactor: organization.requireSecondFactor },
  createdAt: organization.createdAt,
  website: organization.website,
  countryCode: organization.countryCode,
  logoUrl: organization.logoUrl
})

/** What an organization looks like to its members. */
const presentOrganization = (organization: Organization): z.output<typeof companySchema> | z.output<typeof agencySchema> =>
  organization.kind === 'company'
    ? {
        id: publicId('company', organization.id),
        displayName: organization.name,
        legalName: organization.legalName,
        size: organization.size,
        vatNumber: organization.vatNumber,
        timeZone: organization.timeZone,
        ...presentCommon(organization)
      }
    : {
        id: publicId('agency', organization.id),
        name: organization.name,
        tagline: organization.tagline,
        description: organization.description,
        skills: organization.skills ?? [],
        ...presentCommon(organization)
      }

/** The reply that is an organization. */
export const organizationReply = ({ kind }: Face) => ({
  description: `The ${kind}.`,
  schema: kind === 'company' ? companySchema : agencySchema,
  example: kind === 'company' ? companyExample : agencyExample,
  headers: { ETag: `Version of the ${kind}.` }
})
export const shownOrganization = (organization: Organization, status = 200) => ({
  status,
  version: organization.revision,
  body: presentOrganization(organization)
})

/** Details as the rows name them. */
export function detailsOf({
  displayName,
  securityPolicy,
  ...rest
}: z.output<typeof companyChanges> | (z.output<typeof agencyChanges> & { displayName?: undefined })) {
  return {
    ...rest,
    ...(displayName === undefined ? {} : { name: displayName }),
    ...(securityPolicy === undefined ? {} : { requireSecondFactor: securityPolicy.requireSecondFactor })
  }
}
