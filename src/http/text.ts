import { z } from 'zod'

// Controls, bidirectional and other format characters (zero-width ones, soft hyphens, tags), line and paragraph separators, lone
// surrogates: text that reads differently from what it is, or breaks a log line or a mail header.
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u

// Drawn as nothing, alone or among spaces.
const invisible = /[\p{Default_Ignorable_Code_Point}\u2800\s]/gu

/** One line of text for people, counted in code points; never with control, bidirectional or invisible characters, never blank. */
export const line = (least: number, most: number) =>
  z
    .string()
    .max(most * 4)
    .refine((value) => [...value].length >= least && [...value].length <= most, `must have ${least} to ${most} characters`)
    .refine((value) => !unsafe.test(value), 'must not contain control or invisible characters')
    .refine(
      (value) => value.trim() === value && value.replace(invisible, '') !== '',
      'must not begin or end with a space, nor be invisible'
    )
    .meta({ override: { type: 'string', minLength: least, maxLength: most } })

/** Text of several lines, under the same rules but for the line feeds, counted in code points. */
export const paragraphs = (least: number, most: number) =>
  z
    .string()
    .max(most * 4)
    .refine((value) => [...value].length >= least && [...value].length <= most, `must have ${least} to ${most} characters`)
    .refine((value) => !unsafe.test(value.replaceAll('\n', '')), 'must not contain control or invisible characters other than line feeds')
    .refine(
      (value) => value.trim() === value && value.replace(invisible, '') !== '',
      'must not begin or end with a space or an empty line, nor be invisible'
    )
    .meta({ override: { type: 'string', minLength: least, maxLength: most } })

/** A person's name as they write it. */
export const personName = line(1, 100)

/** The codes of ISO 3166-1. */
export const countries: ReadonlySet<string> = new Set(
  (
    'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ ' +
    'DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP ' +
    'KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM ' +
    'PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ ' +
    'UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW'
  ).split(' ')
)

/** ISO 3166-1 alpha-2. */
export const countryCode = z
  .string()
  .regex(/^[A-Z]{2}$/, 'must be two capital letters (ISO 3166-1)')
  .refine((code) => countries.has(code), 'is no country of ISO 3166-1')
  .meta({ description: 'ISO 3166-1 alpha-2.', override: { type: 'string', pattern: '^[A-Z]{2}$' } })

/** An address on the web for people to open: https, without credentials. */
export const webUrl = z
  .string()
  .max(2000)
  .refine((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined
    return (
      /^https:\/\/[^\s"'<>\\`/][^\s"'<>\\`]*$/i.test(text) &&
      url?.protocol === 'https:' &&
      url.username + url.password === '' &&
      url.hostname.includes('.') &&
      !unsafe.test(text)
    )
  }, 'must be an https URL')
  .meta({ description: 'An https URL.', override: { type: 'string', format: 'uri', maxLength: 2000 } })
