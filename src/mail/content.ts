import type { VerificationDefect } from '../identity/defects.ts'

/** A role that is offered: a built-in one is put into words by its key, one that an organization made itself is shown by its name. */
export interface RoleWord {
  key: string
  name: string
  /** Absent for the whole organization. */
  team?: string
}

/** The built-in roles that can be granted. */
export type RoleKey = 'admin' | 'finance' | 'hiring_manager' | 'recruiter' | 'member' | 'business_manager' | 'freelancer'

interface Offer {
  organization: string
  organizationKind: 'company' | 'agency'
  inviter: string
  roles: RoleWord[]
  /** The inviter's own words, maybe several lines. */
  message?: string
  link: string
  /** Where the owner of the address asks for no more invitations (N-8). */
  silenceLink: string
  days: number
}

/** What a mail says, before any words: one shape for each kind. */
export type MailContent =
  | { kind: 'verify_email'; firstName: string; link: string; hours: number }
  | { kind: 'already_registered'; firstName: string; signInLink: string; resetLink: string }
  | { kind: 'closed_account'; firstName: string; link: string }
  | { kind: 'address_proof'; firstName: string; address: string; link: string; minutes: number }
  | { kind: 'address_taken' }
  | { kind: 'reset_password'; firstName: string; link: string; minutes: number }
  | { kind: 'password_changed'; firstName: string; at: Date; place: string; device: string }
  | { kind: 'primary_changed'; firstName: string; newAddressMasked: string; undo?: { link: string; hours: number } }
  | { kind: 'address_confirmed'; firstName: string; addressMasked: string }
  | { kind: 'address_removed'; firstName: string; addressMasked: string }
  | { kind: 'second_factor_changed'; firstName: string; change: 'added' | 'removed' | 'removed_by_support' | 'recovery_codes' }
  | { kind: 'session_ended_reuse'; firstName: string; device: string; place: string }
  | { kind: 'sessions_ended'; firstName: string }
  | { kind: 'new_sign_in'; firstName: string; at: Date; place: string; device: string }
  | {
      kind: 'sharing_suspected'
      firstName: string
      device: string
      place: string
      otherDevice: string
      otherPlace: string
      /** The organization that others can be invited to, if there is one. */
      link?: string
    }
  | ({ kind: 'invitation' } & Offer)
  | ({ kind: 'invitation_reminder' } & Offer)
  | { kind: 'invitation_accepted'; firstName: string; invitee: string; organization: string }
  | { kind: 'invitation_declined'; firstName: string; address: string; organization: string }
  | {
      kind: 'invitation_stuck'
      firstName: string
      address: string
      organization: string
      inviter: string
      /** The inviter may not invite like this any more, or a role or team of the invitation is gone (N-6). */
      why: 'inviter' | 'outdated'
      link: string
    }
  | { kind: 'member_joined'; firstName: string; newcomer: string; organization: string; source: 'domain' | 'join_link'; link: string }
  | {
      kind: 'join_requested'
      firstName: string
      newcomer: string
      address: string
      organization: string
      message?: string
      days: number
      link: string
    }
  | {
      kind: 'join_request_decided'
      firstName: string
      organization: string
      decision: 'approved' | 'refused'
      reason?: string
      link: string
    }
  | {
      kind: 'domain_notice'
      firstName: string
      domain: string
      organization: string
      what: 'paused' | 'resumed' | 'lost' | 'contested'
      /** How long a lost one can be contested. */
      until?: Date
      link: string
    }
  | { kind: 'ownership_offered'; firstName: string; organization: string; owner: string; days: number; link: string }
  | {
      kind: 'enforcement_notice'
      firstName: string
      subject: 'account' | 'company' | 'agency'
      /** Its name, when it is no account. */
      organization?: string
      measure: 'notice' | 'warning' | 'restricted' | 'suspended' | 'banned'
      reason: string
      remedy: string
      until?: Date
      /** Only for whom may appeal: the person, or the owner of the organization. */
      appealLink?: string
    }
  | { kind: 'contact_unavailable'; firstName: string; contact: string; organization: string; amount: number; link: string }
  | {
      kind: 'duplicate_case'
      firstName: string
      /** `decided`: that they go round a decision, which only an appeal changes. */
      what: 'choose' | 'circumvention' | 'decided'
      /** Until then the person can verify their identity; after it the account is restricted. */
      until?: Date
      /** Until then they can choose; after it the account is restricted. */
      chooseBy?: Date
      /** Where they choose or verify, while that helps. */
      link?: string
      appealLink: string
    }
  | { kind: 'case_closed'; firstName: string }
  | { kind: 'verification_requested'; firstName: string; until: Date; link: string }
  | { kind: 'verification_failed'; firstName: string; defects: VerificationDefect[]; until?: Date; link: string }
  | { kind: 'verification_passed'; firstName: string }
  | { kind: 'appeal_received'; firstName: string; link: string }
  | { kind: 'appeal_answer'; firstName: string; outcome: 'granted' | 'denied' | 'more_info'; reason: string; link: string }
  | { kind: 'reactivation'; firstName: string; link: string; hours: number }
  | {
      kind: 'account_closed'
      firstName: string
      at: Date
      /** Closed by the person, or given up for another one. */
      why: 'person' | 'duplicate'
      years: number
      /** Absent when it stays closed. */
      link?: string
    }
  | { kind: 'erasure_scheduled'; firstName: string; until: Date; link: string }
  | { kind: 'erasure_cancelled'; firstName: string; at: Date }

export type MailKind = MailContent['kind']
export type ContentOf<Kind extends MailKind> = Extract<MailContent, { kind: Kind }>

/** Amounts and moments in the words of a locale. */
export interface Format {
  hours: (amount: number) => string
  minutes: (amount: number) => string
  days: (amount: number) => string
  years: (amount: number) => string
  /** Date and time in UTC, with the zone named. */
  moment: (at: Date) => string
  /** Roles, each with its team, in a row. */
  roles: (roles: RoleWord[]) => string
}

export interface MailAction {
  label: string
  link: string
}

/** What somebody wrote, shown apart from our own words. */
export interface MailQuote {
  /** Says whose words follow. */
  lead: string
  /** Lines are parted by a line feed. */
  text: string
}

/** Plain text in parts; the layout escapes it, so no part ever holds markup. */
export interface MailBody {
  paragraphs: string[]
  facts?: { label: string; value: string }[]
  quotes?: MailQuote[]
  /** The first one is what the mail is for. */
  actions?: MailAction[]
  /** What to do when it was not the reader, or is not as it should be. */
  otherwise: string
  /** Why the reader gets this mail. */
  reason: string
  /** Below the reason, for whoever wants no such mails. */
  quiet?: MailAction
}

/** All words of one locale. A kind without its text does not compile. */
export interface MailTexts {
  /** BCP 47 tag; it covers its regions too, `de` also `de-AT`. */
  language: string
  /** The name is empty when there is none to show. */
  greeting: (firstName: string) => string
  linkHint: string
  closing: string
  roles: Record<RoleKey, string>
  roleInTeam: (role: string, team: string) => string
  /** Subjects are constants: nothing that people wrote can reach a header. */
  mails: { [Kind in MailKind]: { subject: string; body: (mail: ContentOf<Kind>, format: Format) => MailBody } }
}
