/** Why an action is taken: stable codes, each with the clause it rests on and what the person can do, where the operator says nothing else. */
export interface EnforcementReason {
  title: string
  /** The default policy reference: a clause of the marketplace's terms. */
  policy: string
  remedy: string
}

const support = 'Answer this decision with an appeal: somebody who was not part of it will look at it.'

export const enforcementReasons = {
  identity_unclear: {
    title: 'We are not sure who you are',
    policy: 'identity/verification',
    remedy: 'Verify your identity. The decision is lifted as soon as that is done.'
  },
  identity_unverified: {
    title: 'Your identity was not verified in time',
    policy: 'identity/verification',
    remedy: 'Verify your identity. The restriction ends as soon as that is done.'
  },
  duplicate_account: {
    title: 'You seem to have another account',
    policy: 'identity/one-account',
    remedy: 'Choose which account you keep, or verify your identity if the other account is not yours.'
  },
  ban_evasion: {
    title: 'The account continues one that we suspended or banned',
    policy: 'identity/ban-evasion',
    remedy: 'If the other account is not yours, verify your identity or appeal.'
  },
  account_sharing: {
    title: 'Several people use this account',
    policy: 'identity/personal-account',
    remedy: 'Invite the others, so that each has an account of their own, and change your password.'
  },
  account_compromised: {
    title: 'Somebody else may have access to the account',
    policy: 'security/compromise',
    remedy: 'Reset your password and set up a second factor, then appeal.'
  },
  false_information: {
    title: 'What the profile says is not true',
    policy: 'conduct/honesty',
    remedy: 'Correct what is not true, then appeal.'
  },
  payment_fraud: { title: 'Payments that are not honest', policy: 'payments/fraud', remedy: support },
  off_platform_payment: {
    title: 'Payment outside the marketplace',
    policy: 'payments/circumvention',
    remedy: 'Settle open work through the marketplace.'
  },
  unpaid_invoices: {
    title: 'Invoices are unpaid',
    policy: 'payments/due',
    remedy: 'Pay the open invoices. The decision is lifted when they are paid.'
  },
  spam: { title: 'Messages or proposals that nobody asked for', policy: 'conduct/spam', remedy: 'Stop sending them.' },
  harassment: { title: 'Harassment of other people', policy: 'conduct/respect', remedy: support },
  prohibited_work: {
    title: 'Work that the marketplace does not allow',
    policy: 'conduct/prohibited-work',
    remedy: 'Take the job or offer down.'
  },
  fake_feedback: { title: 'Feedback that is bought or invented', policy: 'conduct/feedback', remedy: support },
  underage: { title: 'The person is too young', policy: 'identity/age', remedy: 'Prove your age with an appeal.' },
  sanctions: { title: 'The law forbids us to do business with this person', policy: 'legal/sanctions', remedy: support },
  legal_order: { title: 'A court or an authority ordered it', policy: 'legal/order', remedy: support },
  terms_violation: { title: 'Another breach of the terms', policy: 'terms/general', remedy: support }
} as const satisfies Record<string, EnforcementReason>

export type ReasonCode = keyof typeof enforcementReasons
export const reasonCodes = Object.keys(enforcementReasons) as [ReasonCode, ...ReasonCode[]]
export const reasonOf = (code: string): EnforcementReason => enforcementReasons[code as ReasonCode]

interface Words {
  title: string
  remedy: string
}

const appealGerman = 'Widersprechen Sie dieser Entscheidung: Jemand, der nicht an ihr beteiligt war, sieht sie sich an.'

/** The same in German. */
const german: Record<ReasonCode, Words> = {
  identity_unclear: {
    title: 'Wir sind nicht sicher, wer Sie sind',
    remedy: 'Bestätigen Sie Ihre Identität. Sobald das geschehen ist, heben wir die Entscheidung auf.'
  },
  identity_unverified: {
    title: 'Ihre Identität wurde nicht rechtzeitig bestätigt',
    remedy: 'Bestätigen Sie Ihre Identität. Sobald das geschehen ist, endet die Einschränkung.'
  },
  duplicate_account: {
    title: 'Sie haben anscheinend ein weiteres Konto',
    remedy: 'Wählen Sie, welches Konto Sie behalten, oder bestätigen Sie Ihre Identität, wenn das andere Konto nicht Ihres ist.'
  },
  ban_evasion: {
    title: 'Das Konto setzt eines fort, das wir gesperrt haben',
    remedy: 'Wenn das andere Konto nicht Ihres ist, bestätigen Sie Ihre Identität oder widersprechen Sie.'
  },
  account_sharing: {
    title: 'Mehrere Menschen nutzen dieses Konto',
    remedy: 'Laden Sie die anderen ein, damit jede und jeder ein eigenes Konto hat, und ändern Sie Ihr Passwort.'
  },
  account_compromised: {
    title: 'Jemand anderes hat vielleicht Zugang zum Konto',
    remedy: 'Setzen Sie Ihr Passwort zurück und richten Sie einen zweiten Faktor ein; widersprechen Sie dann.'
  },
  false_information: { title: 'Angaben im Profil stimmen nicht', remedy: 'Berichtigen Sie, was nicht stimmt; widersprechen Sie dann.' },
  payment_fraud: { title: 'Unredliche Zahlungen', remedy: appealGerman },
  off_platform_payment: { title: 'Bezahlung außerhalb des Marktplatzes', remedy: 'Rechnen Sie offene Arbeit über den Marktplatz ab.' },
  unpaid_invoices: {
    title: 'Rechnungen sind nicht bezahlt',
    remedy: 'Bezahlen Sie die offenen Rechnungen. Dann heben wir die Entscheidung auf.'
  },
  spam: { title: 'Nachrichten oder Angebote, die niemand wollte', remedy: 'Senden Sie keine weiteren.' },
  harassment: { title: 'Belästigung anderer Menschen', remedy: appealGerman },
  prohibited_work: { title: 'Arbeit, die der Marktplatz nicht erlaubt', remedy: 'Nehmen Sie den Auftrag oder das Angebot zurück.' },
  fake_feedback: { title: 'Gekaufte oder erfundene Bewertungen', remedy: appealGerman },
  underage: { title: 'Die Person ist zu jung', remedy: 'Weisen Sie Ihr Alter mit einem Widerspruch nach.' },
  sanctions: { title: 'Das Gesetz verbietet uns Geschäfte mit dieser Person', remedy: appealGerman },
  legal_order: { title: 'Ein Gericht oder eine Behörde hat es angeordnet', remedy: appealGerman },
  terms_violation: { title: 'Ein anderer Verstoß gegen die Nutzungsbedingungen', remedy: appealGerman }
}

/** A reason in the words of a locale; English where there are no others. */
export const reasonIn = (locale: string, code: ReasonCode): Words =>
  locale.toLowerCase().split('-')[0] === 'de' ? german[code] : enforcementReasons[code]

/** The remedy in the words of a locale: those of an operator are passed on as they are, those that follow from the reason are translated. */
export const remedyIn = (locale: string, { reasonCode, remedy }: { reasonCode: ReasonCode; remedy: string }): string =>
  remedy === reasonOf(reasonCode).remedy ? reasonIn(locale, reasonCode).remedy : remedy
