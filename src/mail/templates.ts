import type { ContentOf, Format, MailContent, MailKind, MailTexts, RoleKey } from './content.ts'
import { htmlLetter, type Letter, textLetter } from './layout.ts'
import { de } from './locales/de.ts'
import { en } from './locales/en.ts'
import { unlinkedAddress, unlinkedLines, unlinkedWords } from './unlinked.ts'

export type { MailContent } from './content.ts'

/** The first one is for everybody whose language is missing. */
export const mailLocales: [MailTexts, ...MailTexts[]] = [en, de]

type FieldOf<Content> = Content extends unknown ? Exclude<keyof Content, 'kind'> : never
type ValueOf<Content, Field> = Content extends unknown ? (Field extends keyof Content ? NonNullable<Content[Field]> : never) : never
// Made by the service, in a form that is right as it is.
type OwnField =
  | 'link'
  | 'signInLink'
  | 'resetLink'
  | 'silenceLink'
  | 'appealLink'
  | 'undo'
  | 'hours'
  | 'minutes'
  | 'days'
  | 'years'
  | 'at'
  | 'until'
  | 'chooseBy'
  | 'change'
  | 'organizationKind'
  | 'why'
  | 'source'
  | 'decision'
  | 'defects'
  | 'what'
  | 'subject'
  | 'measure'
  | 'outcome'
  | 'amount'
type PeoplesField = Exclude<FieldOf<MailContent>, OwnField>

const messageLength = 500
const reasonLength = 1000

// Every other field shows what people or their programs chose: one without a rule does not compile.
const neutral: { [Field in PeoplesField]: (value: ValueOf<MailContent, Field>) => ValueOf<MailContent, Field> } = {
  firstName: unlinkedWords,
  inviter: unlinkedWords,
  invitee: unlinkedWords,
  newcomer: unlinkedWords,
  owner: unlinkedWords,
  contact: unlinkedWords,
  organization: unlinkedWords,
  roles: (roles) =>
    roles.map(({ key, name, team }) => ({
      key,
      name: unlinkedWords(name),
      ...(team === undefined ? {} : { team: unlinkedWords(team) })
    })),
  device: unlinkedWords,
  otherDevice: unlinkedWords,
  address: unlinkedAddress,
  newAddressMasked: unlinkedAddress,
  addressMasked: unlinkedAddress,
  domain: unlinkedAddress,
  place: unlinkedAddress,
  otherPlace: unlinkedAddress,
  message: (text) => unlinkedLines(text, messageLength),
  reason: (text) => unlinkedLines(text, reasonLength),
  remedy: (text) => unlinkedLines(text, reasonLength)
}

/**
 * A mail in the words of the locale: `de-AT` is written in `de`, and what there are no words for in English. Text of people is shown as
 * text: escaped, no link, on one line and capped at 100 characters; messages and reasons may be longer, and are quoted. The only links are
 * those of the content, and the subject never depends on what people wrote.
 */
export function renderMail(mail: MailContent, locale: string): { subject: string; text: string; html: string } {
  const texts = textsFor(locale)
  const letter = letterOf(texts, neutralised(mail))
  return { subject: letter.subject, text: textLetter(letter), html: htmlLetter(letter) }
}

function letterOf<Kind extends MailKind>(texts: MailTexts, mail: ContentOf<Kind>): Letter {
  const { subject, body } = texts.mails[mail.kind as Kind]
  const { language, linkHint, closing } = texts
  const greeting = texts.greeting('firstName' in mail ? mail.firstName : '')
  return { language, linkHint, closing, subject, greeting, ...body(mail, formatOf(texts)) }
}

function neutralised(mail: MailContent): MailContent {
  const fields = Object.entries(mail)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, name in neutral ? neutral[name as 'firstName'](value) : value])
  return Object.fromEntries(fields)
}

function textsFor(locale: string): MailTexts {
  const language = locale.toLowerCase().split('-')[0]
  return mailLocales.find((texts) => texts.language === language) ?? mailLocales[0]
}

function formatOf({ language, roles: words, roleInTeam }: MailTexts): Format {
  const amount = (unit: string) => {
    const format = new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' })
    return (count: number) => format.format(count)
  }
  const moment = new Intl.DateTimeFormat(language, {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: 'UTC',
    timeZoneName: 'short'
  })
  const list = new Intl.ListFormat(language, { type: 'conjunction' })
  return {
    hours: amount('hour'),
    minutes: amount('minute'),
    days: amount('day'),
    years: amount('year'),
    moment: (at) => moment.format(at),
    roles: (roles) =>
      list.format(
        roles.map(({ key, name, team }) => {
          // A role of their own may have any key: `constructor` is no word of ours.
          const word = Object.hasOwn(words, key) ? words[key as RoleKey] : name
          return team ? roleInTeam(word, team) : word
        })
      )
  }
}
