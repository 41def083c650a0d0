/** What a mail says, before any words: one shape for each kind. */
export type MailContent =
  | { kind: 'verify_email'; firstName: string; link: string; hours: number }
  | { kind: 'already_registered'; firstName: string; signInLink: string; resetLink: string }
  | { kind: 'closed_account'; firstName: string }
  | { kind: 'address_proof'; firstName: string; address: string; link: string; minutes: number }
  | { kind: 'address_taken' }
  | { kind: 'reset_password'; firstName: string; link: string; minutes: number }
  | { kind: 'password_changed'; firstName: string; at: Date; place: string; device: string }
  | { kind: 'primary_changed'; firstName: string; newAddressMasked: string; undo?: { link: string; hours: number } }
  | { kind: 'address_confirmed'; firstName: string; addressMasked: string }
  | { kind: 'address_removed'; firstName: string; addressMasked: string }
  | { kind: 'second_factor_changed'; firstName: string; change: 'added' | 'removed' | 'recovery_codes' }
  | { kind: 'session_ended_reuse'; firstName: string; device: string; place: string }

export type MailKind = MailContent['kind']
export type ContentOf<Kind extends MailKind> = Extract<MailContent, { kind: Kind }>

/** Amounts and moments in the words of a locale. */
export interface Format {
  hours: (amount: number) => string
  minutes: (amount: number) => string
  /** Date and time in UTC, with the zone named. */
  moment: (at: Date) => string
}

export interface MailAction {
  label: string
  link: string
}

/** Plain text in parts; the layout escapes it, so no part ever holds markup. */
export interface MailBody {
  paragraphs: string[]
  facts?: { label: string; value: string }[]
  /** The first one is what the mail is for. */
  actions?: MailAction[]
  /** What to do when it was not the reader. */
  otherwise: string
  /** Why the reader gets this mail. */
  reason: string
}

/** All words of one locale. A kind without its text does not compile. */
export interface MailTexts {
  /** BCP 47 tag; it covers its regions too, `de` also `de-AT`. */
  language: string
  /** The name is empty when there is none to show. */
  greeting: (firstName: string) => string
  linkHint: string
  closing: string
  /** Subjects are constants: nothing that people wrote can reach a header. */
  mails: { [Kind in MailKind]: { subject: string; body: (mail: ContentOf<Kind>, format: Format) => MailBody } }
}
