import type { ContentOf, Format, MailContent, MailKind, MailTexts } from './content.ts'
import { htmlLetter, type Letter, textLetter } from './layout.ts'
import { de } from './locales/de.ts'
import { en } from './locales/en.ts'
import { unlinkedAddress, unlinkedWords } from './unlinked.ts'

export type { MailContent } from './content.ts'

/** The first one is for everybody whose language is missing. */
export const mailLocales: [MailTexts, ...MailTexts[]] = [en, de]

type FieldOf<Content> = Content extends unknown ? Exclude<keyof Content, 'kind'> : never
// Made by the service, in a form that is right as it is.
type OwnField = 'link' | 'signInLink' | 'resetLink' | 'undo' | 'hours' | 'minutes' | 'at' | 'change'

// Every other field shows what people or their programs chose: one without a rule does not compile.
const neutral: Record<Exclude<FieldOf<MailContent>, OwnField>, (text: string) => string> = {
  firstName: unlinkedWords,
  device: unlinkedWords,
  address: unlinkedAddress,
  newAddressMasked: unlinkedAddress,
  addressMasked: unlinkedAddress,
  place: unlinkedAddress
}

/**
 * A mail in the words of the locale: `de-AT` is written in `de`, and what there are no words for in English. Text of people is shown as
 * text: escaped, on one line, capped at 100 characters and no link. The only links are those of the content, and the subject never
 * depends on what people wrote.
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
  return { language, linkHint, closing, subject, greeting, ...body(mail, formatOf(language)) }
}

function neutralised(mail: MailContent): MailContent {
  const fields = Object.entries(mail).map(([name, value]) => [name, name in neutral ? neutral[name as keyof typeof neutral](value) : value])
  return Object.fromEntries(fields)
}

function textsFor(locale: string): MailTexts {
  const language = locale.toLowerCase().split('-')[0]
  return mailLocales.find((texts) => texts.language === language) ?? mailLocales[0]
}

function formatOf(language: string): Format {
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
  return { hours: amount('hour'), minutes: amount('minute'), moment: (at) => moment.format(at) }
}
