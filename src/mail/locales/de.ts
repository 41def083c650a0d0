import type { MailTexts } from '../content.ts'

const newPassword =
  'setzen Sie bitte sofort ein neues Passwort: Wählen Sie dort, wo Sie sich anmelden, „Passwort vergessen?“, und sagen Sie unserem Support Bescheid.'
const ownAccount =
  'Sie erhalten diese Mail, weil es um die Sicherheit Ihres Kontos bei Guildhall geht. Solche Mails lassen sich nicht abbestellen.'

export const de: MailTexts = {
  language: 'de',
  greeting: (firstName) => (firstName ? `Hallo ${firstName},` : 'Guten Tag,'),
  linkHint: 'Wenn die Schaltfläche nicht funktioniert, kopieren Sie diese Adresse in Ihren Browser:',
  closing: 'Ihr Team von Guildhall',
  mails: {
    verify_email: {
      subject: 'Bitte bestätigen Sie Ihre E-Mail-Adresse',
      body: ({ link, hours }, format) => ({
        paragraphs: [
          'Willkommen bei Guildhall! Bitte bestätigen Sie, dass diese E-Mail-Adresse Ihnen gehört; dann ist Ihr Konto bereit.',
          `Der Link gilt einmal und ${format.hours(hours)} lang.`
        ],
        actions: [{ label: 'E-Mail-Adresse bestätigen', link }],
        otherwise: 'Wenn Sie das nicht waren, ignorieren Sie diese Mail: Ohne Bestätigung wird die Registrierung gelöscht.',
        reason: 'Sie erhalten diese Mail, weil sich jemand mit dieser Adresse bei Guildhall registriert hat.'
      })
    },
    already_registered: {
      subject: 'Sie haben bereits ein Konto',
      body: ({ signInLink, resetLink }) => ({
        paragraphs: [
          'Jemand, vermutlich Sie selbst, wollte sich mit dieser Adresse bei Guildhall registrieren. Sie gehört schon zu Ihrem Konto, deshalb wurde kein zweites angelegt.',
          'Melden Sie sich einfach an. Wenn Sie Ihr Passwort nicht mehr wissen, setzen Sie ein neues.'
        ],
        actions: [
          { label: 'Anmelden', link: signInLink },
          { label: 'Neues Passwort setzen', link: resetLink }
        ],
        otherwise:
          'Wenn Sie das nicht waren, brauchen Sie nichts zu tun: Nichts wurde geändert, und niemand hat erfahren, dass Sie ein Konto haben.',
        reason:
          'Sie erhalten diese Mail, weil diese Adresse bei einer Registrierung eingegeben wurde und zu Ihrem Konto bei Guildhall gehört.'
      })
    },
    closed_account: {
      subject: 'Ihr Konto ist geschlossen',
      body: () => ({
        paragraphs: [
          'Jemand, vermutlich Sie selbst, wollte sich mit dieser Adresse bei Guildhall registrieren. Sie gehört zu einem geschlossenen Konto, deshalb wurde kein zweites angelegt.',
          'Wenn Sie zurückkommen möchten, wenden Sie sich an unseren Support: Er kann Ihr Konto wieder aktivieren.'
        ],
        otherwise:
          'Wenn Sie das nicht waren, brauchen Sie nichts zu tun: Nichts wurde geändert, und niemand hat etwas über Ihr Konto erfahren.',
        reason:
          'Sie erhalten diese Mail, weil diese Adresse bei einer Registrierung eingegeben wurde und zu Ihrem geschlossenen Konto bei Guildhall gehört.'
      })
    },
    address_proof: {
      subject: 'Bitte bestätigen Sie diese E-Mail-Adresse für Ihr Konto',
      body: ({ address, link, minutes }, format) => ({
        paragraphs: [
          `Jemand, der bei einem Konto von Guildhall angemeldet ist, hat dort die Adresse ${address} hinzugefügt. Wenn Sie das waren, öffnen Sie den Link und bestätigen Sie.`,
          `Der Link gilt einmal und ${format.minutes(minutes)} lang.`
        ],
        actions: [{ label: 'Diese Adresse bestätigen', link }],
        otherwise: 'Wenn Sie das nicht waren, bestätigen Sie nicht und ignorieren Sie diese Mail: Dann wird die Adresse nicht verwendet.',
        reason: 'Sie erhalten diese Mail, weil diese Adresse zu einem Konto bei Guildhall hinzugefügt wurde.'
      })
    },
    address_taken: {
      subject: 'Jemand wollte Ihre E-Mail-Adresse hinzufügen',
      body: () => ({
        paragraphs: [
          'Jemand wollte diese Adresse zu einem anderen Konto bei Guildhall hinzufügen. Sie gehört zu Ihrem Konto und bleibt dort. Nichts wurde geändert.',
          'Wenn Sie das waren: Melden Sie sich bei dem Konto an, zu dem die Adresse gehört, und entfernen Sie sie zuerst dort.'
        ],
        otherwise: 'Wenn Sie das nicht waren, brauchen Sie nichts zu tun.',
        reason: 'Sie erhalten diese Mail, weil diese Adresse zu Ihrem Konto bei Guildhall gehört.'
      })
    },
    reset_password: {
      subject: 'Setzen Sie ein neues Passwort',
      body: ({ link, minutes }, format) => ({
        paragraphs: [
          'Jemand, hoffentlich Sie selbst, hat ein neues Passwort für Ihr Konto angefordert. Mit dem Link können Sie es wählen.',
          `Der Link gilt einmal und ${format.minutes(minutes)} lang. Sobald das neue Passwort gesetzt ist, sind alle Ihre Geräte abgemeldet.`
        ],
        actions: [{ label: 'Neues Passwort setzen', link }],
        otherwise: 'Wenn Sie das nicht waren, ignorieren Sie diese Mail: Ihr Passwort bleibt, wie es ist.',
        reason: 'Sie erhalten diese Mail, weil mit dieser Adresse ein neues Passwort angefordert wurde.'
      })
    },
    password_changed: {
      subject: 'Ihr Passwort wurde geändert',
      body: ({ at, place, device }, format) => ({
        paragraphs: [
          'Das Passwort Ihres Kontos wurde geändert. Alle anderen Geräte wurden abgemeldet. Wenn Sie das waren, brauchen Sie nichts zu tun.'
        ],
        facts: [
          { label: 'Wann', value: format.moment(at) },
          { label: 'Gerät', value: device },
          { label: 'Netzwerk', value: place }
        ],
        otherwise: `Wenn Sie das nicht waren, ${newPassword}`,
        reason: ownAccount
      })
    },
    primary_changed: {
      subject: 'Ihre Haupt-E-Mail-Adresse wurde geändert',
      body: ({ newAddressMasked, undo }, format) => ({
        paragraphs: [`Mails zu Ihrem Konto gehen jetzt an ${newAddressMasked}. Wenn Sie das geändert haben, brauchen Sie nichts zu tun.`],
        actions: undo ? [{ label: 'Änderung rückgängig machen', link: undo.link }] : [],
        otherwise: undo
          ? `Wenn Sie das nicht waren, machen Sie die Änderung mit dem Link oben rückgängig; er gilt ${format.hours(undo.hours)} lang. Setzen Sie danach ein neues Passwort.`
          : `Wenn Sie das nicht waren, ${newPassword}`,
        reason: `${ownAccount} Sie geht an Ihre bisherige Hauptadresse, damit Ihnen niemand unbemerkt Ihr Konto wegnehmen kann.`
      })
    },
    address_confirmed: {
      subject: 'Zu Ihrem Konto wurde eine E-Mail-Adresse hinzugefügt',
      body: ({ addressMasked }) => ({
        paragraphs: [
          `Die Adresse ${addressMasked} wurde bestätigt und gehört jetzt zu Ihrem Konto: Mit ihr kann man sich anmelden und ein neues Passwort setzen. Wenn Sie das waren, brauchen Sie nichts zu tun.`
        ],
        otherwise: `Wenn Sie das nicht waren, entfernen Sie die Adresse aus Ihrem Konto. Außerdem: ${newPassword}`,
        reason: ownAccount
      })
    },
    address_removed: {
      subject: 'Eine E-Mail-Adresse wurde aus Ihrem Konto entfernt',
      body: ({ addressMasked }) => ({
        paragraphs: [`Die Adresse ${addressMasked} wurde aus Ihrem Konto entfernt. Wenn Sie das waren, brauchen Sie nichts zu tun.`],
        otherwise: `Wenn Sie das nicht waren, ${newPassword}`,
        reason: ownAccount
      })
    },
    second_factor_changed: {
      subject: 'Ihr zweiter Faktor wurde geändert',
      body: ({ change }) => ({
        paragraphs: [
          {
            added:
              'Zu Ihrem Konto wurde ein zweiter Faktor hinzugefügt. Beim Anmelden wird ab jetzt auch ein Code Ihrer Authenticator-App verlangt.',
            removed: 'Der zweite Faktor Ihres Kontos wurde entfernt. Zum Anmelden genügt ab jetzt das Passwort allein.',
            recovery_codes: 'Für Ihr Konto wurden neue Wiederherstellungscodes erstellt. Die bisherigen gelten nicht mehr.'
          }[change],
          'Wenn Sie das waren, brauchen Sie nichts zu tun.'
        ],
        otherwise: `Wenn Sie das nicht waren, ${newPassword}`,
        reason: ownAccount
      })
    },
    session_ended_reuse: {
      subject: 'Wir haben zu Ihrem Schutz eine Sitzung beendet',
      body: ({ device, place }) => ({
        paragraphs: [
          'Ein schon verbrauchter Schlüssel einer Ihrer Sitzungen wurde noch einmal vorgelegt. Vielleicht hat jemand eine Kopie davon. Zur Sicherheit haben wir die Sitzung beendet; das Gerät muss sich neu anmelden.'
        ],
        facts: [
          { label: 'Gerät', value: device },
          { label: 'Netzwerk', value: place }
        ],
        otherwise: 'Wenn Sie das nicht waren, ändern Sie Ihr Passwort: Damit werden alle anderen Geräte abgemeldet.',
        reason: ownAccount
      })
    }
  }
}
