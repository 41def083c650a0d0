import type { VerificationDefect } from '../../identity/defects.ts'
import type { ContentOf, Format, MailBody, MailTexts } from '../content.ts'

const newPassword =
  'setzen Sie bitte sofort ein neues Passwort: Wählen Sie dort, wo Sie sich anmelden, „Passwort vergessen?“, und sagen Sie unserem Support Bescheid.'
const ownAccount =
  'Sie erhalten diese Mail, weil es um die Sicherheit Ihres Kontos bei Guildhall geht. Solche Mails lassen sich nicht abbestellen.'

const runsIt = 'Sie erhalten diese Mail, weil Ihnen diese Organisation gehört oder Sie dort Admin sind.'
const to = { company: 'dem Unternehmen', agency: 'der Agentur' }

/** What invitations have in common. */
const offer = (
  { organization, inviter, roles, message, link, silenceLink }: ContentOf<'invitation' | 'invitation_reminder'>,
  format: Format
): Omit<MailBody, 'paragraphs'> => ({
  facts: roles.length > 0 ? [{ label: roles.length > 1 ? 'Ihre Rollen' : 'Ihre Rolle', value: format.roles(roles) }] : [],
  quotes: message ? [{ lead: `${inviter} schreibt:`, text: message }] : [],
  actions: [{ label: 'Einladung ansehen', link }],
  otherwise: 'Wenn Sie nicht wissen, wer Sie einlädt, ignorieren Sie diese Mail: Ohne Ihre Zusage geschieht nichts.',
  reason: `Sie erhalten diese Mail, weil jemand von ${organization} diese Adresse eingeladen hat.`,
  quiet: { label: 'Keine Einladungen mehr an diese Adresse', link: silenceLink }
})

const defectWords: Record<VerificationDefect, string> = {
  document_unreadable: 'Das Dokument ist nicht lesbar: Fotografieren Sie es bei gutem Licht und ohne Spiegelungen.',
  document_incomplete: 'Das Dokument ist nicht vollständig: Alle Seiten und Ränder müssen zu sehen sein.',
  document_expired: 'Das Dokument ist abgelaufen.',
  document_not_accepted:
    'Diese Art von Dokument reicht nicht aus: Nehmen Sie Reisepass, Personalausweis, Führerschein oder Aufenthaltstitel.',
  document_altered: 'Das Dokument scheint verändert worden zu sein.',
  name_differs: 'Der Name ist ein anderer als in Ihrem Konto.',
  birth_date_differs: 'Das Geburtsdatum ist ein anderes als das, das Sie uns genannt haben.',
  photo_differs: 'Das Foto von Ihnen passt nicht zum Dokument.',
  photo_missing: 'Das Foto von Ihnen fehlt.'
}

export const de: MailTexts = {
  language: 'de',
  greeting: (firstName) => (firstName ? `Hallo ${firstName},` : 'Guten Tag,'),
  linkHint: 'Wenn die Schaltfläche nicht funktioniert, kopieren Sie diese Adresse in Ihren Browser:',
  closing: 'Ihr Team von Guildhall',
  roles: {
    admin: 'Admin',
    finance: 'Finanzen',
    hiring_manager: 'Hiring Manager',
    recruiter: 'Recruiter',
    member: 'Mitglied',
    business_manager: 'Business Manager',
    freelancer: 'Freelancer'
  },
  roleInTeam: (role, team) => `${role} im Team ${team}`,
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
          'Jemand, vermutlich Sie selbst, wollte sich mit dieser Adresse bei Guildhall registrieren oder ein Konto wieder aktivieren. Sie gehört schon zu Ihrem Konto, deshalb wurde kein zweites angelegt.',
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
      body: ({ link }) => ({
        paragraphs: [
          'Jemand, vermutlich Sie selbst, hat diese Adresse bei Guildhall eingegeben, um sich zu registrieren oder ein neues Passwort zu bekommen. Sie gehört zu einem geschlossenen Konto, deshalb wurde kein zweites angelegt.',
          'Wenn Sie zurückkommen möchten, können Sie Ihr Konto wieder aktivieren.'
        ],
        actions: [{ label: 'Konto wieder aktivieren', link }],
        otherwise:
          'Wenn Sie das nicht waren, brauchen Sie nichts zu tun: Nichts wurde geändert, und niemand hat etwas über Ihr Konto erfahren.',
        reason: 'Sie erhalten diese Mail, weil diese Adresse bei Guildhall eingegeben wurde und zu Ihrem geschlossenen Konto gehört.'
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
            removed_by_support:
              'Unser Support hat den zweiten Faktor Ihres Kontos wie gewünscht entfernt. Zum Anmelden genügt ab jetzt das Passwort allein. Bitte richten Sie einen neuen ein.',
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
    },
    sessions_ended: {
      subject: 'Unser Support hat Sie überall abgemeldet',
      body: () => ({
        paragraphs: ['Unser Support hat alle Sitzungen Ihres Kontos beendet. Jedes Gerät muss sich neu anmelden.'],
        otherwise: `Wenn Sie nicht darum gebeten haben, ${newPassword}`,
        reason: ownAccount
      })
    },
    new_sign_in: {
      subject: 'Neue Anmeldung bei Ihrem Konto',
      body: ({ at, place, device }, format) => ({
        paragraphs: [
          'Jemand hat sich auf einem Gerät bei Ihrem Konto angemeldet, auf dem es bisher nicht benutzt wurde. Wenn Sie das waren, brauchen Sie nichts zu tun.'
        ],
        facts: [
          { label: 'Wann', value: format.moment(at) },
          { label: 'Gerät', value: device },
          { label: 'Netzwerk', value: place }
        ],
        otherwise: `Wenn Sie das nicht waren, kennt jemand Ihr Passwort. Dann ${newPassword}`,
        reason: ownAccount
      })
    },
    sharing_suspected: {
      subject: 'Benutzt noch jemand Ihre Anmeldung?',
      body: ({ device, place, otherDevice, otherPlace, link }) => ({
        paragraphs: [
          'Ihr Konto wurde mehrmals gleichzeitig auf zwei Geräten an zwei Orten benutzt, zuletzt auf diesen. Wenn beide Ihnen gehören, brauchen Sie nichts zu tun: Geben Sie Ihr Passwort ein, wo Sie danach gefragt werden.',
          'Eine Anmeldung gehört einer Person. Wer mit Ihnen arbeitet, bekommt kostenlos eine eigene, mit den Rechten, die Sie wählen: Laden Sie ihn in Ihr Unternehmen oder Ihre Agentur ein. Wenn Sie noch keines haben, gründen Sie erst ein Unternehmen.'
        ],
        facts: [
          { label: 'Gerät', value: `${device}, ${place}` },
          { label: 'Anderes Gerät', value: `${otherDevice}, ${otherPlace}` }
        ],
        ...(link ? { actions: [{ label: 'Jemanden einladen', link }] } : {}),
        otherwise: `Wenn Sie eines der Geräte nicht kennen, ${newPassword}`,
        reason: ownAccount
      })
    },
    invitation: {
      subject: 'Sie sind zur Zusammenarbeit auf Guildhall eingeladen',
      body: (mail, format) => ({
        paragraphs: [
          `${mail.inviter} lädt Sie ein, auf Guildhall ${to[mail.organizationKind]} ${mail.organization} beizutreten.`,
          `Der Link zeigt Ihnen die Einladung; dort nehmen Sie sie an oder lehnen sie ab. Sie gilt ${format.days(mail.days)} lang.`
        ],
        ...offer(mail, format)
      })
    },
    invitation_reminder: {
      subject: 'Ihre Einladung läuft bald ab',
      body: (mail, format) => ({
        paragraphs: [
          `${mail.inviter} hat Sie eingeladen, auf Guildhall ${to[mail.organizationKind]} ${mail.organization} beizutreten. Sie haben noch nicht geantwortet.`,
          `Die Einladung gilt noch ${format.days(mail.days)}. Der Link zeigt sie Ihnen; dort nehmen Sie sie an oder lehnen sie ab.`
        ],
        ...offer(mail, format)
      })
    },
    invitation_accepted: {
      subject: 'Ihre Einladung wurde angenommen',
      body: ({ invitee, organization }) => ({
        paragraphs: [`${invitee} hat Ihre Einladung angenommen und ist jetzt Mitglied von ${organization}.`],
        otherwise: 'Wenn Sie nicht eingeladen haben, sagen Sie denen Bescheid, die die Organisation leiten.',
        reason: 'Sie erhalten diese Mail, weil Sie die Einladung verschickt haben.'
      })
    },
    invitation_declined: {
      subject: 'Ihre Einladung wurde abgelehnt',
      body: ({ address, organization }) => ({
        paragraphs: [`Ihre Einladung von ${address} zu ${organization} wurde abgelehnt. Ihr Link gilt nicht mehr.`],
        otherwise: 'Wenn Sie das für ein Versehen halten, fragen Sie die eingeladene Person, bevor Sie sie noch einmal einladen.',
        reason: 'Sie erhalten diese Mail, weil Sie die Einladung verschickt haben.'
      })
    },
    invitation_stuck: {
      subject: 'Eine Einladung kann so nicht angenommen werden',
      body: ({ address, organization, inviter, why, link }) => ({
        paragraphs: [
          `Jemand wollte die Einladung von ${address} zu ${organization} annehmen, die ${inviter} verschickt hat.`,
          {
            inviter:
              'Das ging nicht, weil die einladende Person so nicht mehr einladen darf. Wenn Sie die Einladung erneut senden, ist es Ihre.',
            outdated:
              'Das ging nicht, weil es eine Rolle oder ein Team daraus nicht mehr gibt. Geben Sie der Einladung andere Rollen, oder laden Sie neu ein.'
          }[why]
        ],
        actions: [{ label: 'Organisation öffnen', link }],
        otherwise: 'Wenn niemand über diese Einladung beitreten soll, ziehen Sie sie zurück.',
        reason: runsIt
      })
    },
    member_joined: {
      subject: 'Jemand ist Ihrem Unternehmen beigetreten',
      body: ({ newcomer, organization, source, link }) => ({
        paragraphs: [
          {
            domain: `${newcomer} ist ${organization} über die E-Mail-Domain Ihres Unternehmens beigetreten.`,
            join_link: `${newcomer} ist ${organization} über einen Beitrittslink Ihres Unternehmens beigetreten.`
          }[source]
        ],
        actions: [{ label: 'Unternehmen öffnen', link }],
        otherwise: 'Wenn diese Person nicht dazugehört, entfernen Sie sie aus dem Unternehmen.',
        reason: runsIt
      })
    },
    join_requested: {
      subject: 'Jemand möchte Ihrem Unternehmen beitreten',
      body: ({ newcomer, address, organization, message, days, link }, format) => ({
        paragraphs: [
          `${newcomer} möchte ${organization} beitreten, mit der bestätigten Adresse ${address}.`,
          `Stimmen Sie zu oder lehnen Sie ab. Die Anfrage gilt ${format.days(days)} lang und endet dann von selbst.`
        ],
        quotes: message ? [{ lead: `${newcomer} schreibt:`, text: message }] : [],
        actions: [{ label: 'Anfrage ansehen', link }],
        otherwise: 'Wenn Sie diese Person nicht kennen, lehnen Sie die Anfrage ab.',
        reason: runsIt
      })
    },
    join_request_decided: {
      subject: 'Über Ihre Beitrittsanfrage wurde entschieden',
      body: ({ organization, decision, reason, link }) => ({
        paragraphs: [
          {
            approved: `Willkommen! Ihrer Anfrage, ${organization} beizutreten, wurde zugestimmt: Sie sind jetzt Mitglied.`,
            refused: `Ihre Anfrage, ${organization} beizutreten, wurde abgelehnt.`
          }[decision]
        ],
        quotes: reason ? [{ lead: 'Die angegebene Begründung:', text: reason }] : [],
        actions: [{ label: decision === 'approved' ? 'Unternehmen öffnen' : 'Guildhall öffnen', link }],
        otherwise: 'Wenn Sie nicht angefragt haben, setzen Sie ein neues Passwort: Vielleicht benutzt jemand anderes Ihr Konto.',
        reason: 'Sie erhalten diese Mail, weil von Ihrem Konto bei Guildhall eine Beitrittsanfrage gesendet wurde.'
      })
    },
    domain_notice: {
      subject: 'Zur E-Mail-Domain Ihres Unternehmens',
      body: ({ domain, organization, what, until, link }, format) => ({
        paragraphs: {
          paused: [
            `Wir finden den Nachweis nicht mehr, dass die Domain ${domain} zu ${organization} gehört. Vorerst tritt niemand über sie bei. Alle Mitglieder bleiben.`,
            'Stellen Sie den Nachweis wieder her, also den DNS-Eintrag oder eine bestätigte Adresse bei der Domain von jemandem, der das Unternehmen leitet; dann geht es von selbst weiter.'
          ],
          resumed: [
            `Wir haben den Nachweis wieder gefunden, dass die Domain ${domain} zu ${organization} gehört. Über sie kann man wieder beitreten wie zuvor.`
          ],
          lost: [
            `Ein anderes Unternehmen hat über DNS nachgewiesen, dass ihm die Domain ${domain} gehört. Sie zählt nicht mehr für ${organization}, und niemand tritt über sie bei. Alle Mitglieder bleiben.`,
            until
              ? `Wenn sie Ihnen gehört, widersprechen Sie bis zum ${format.moment(until)} mit einem eigenen DNS-Eintrag.`
              : 'Ein Widerspruch ist nicht mehr möglich.'
          ],
          contested: [
            `Das Unternehmen, das die Domain ${domain} zuvor hatte, hat ihrem Verlust widersprochen und über DNS nachgewiesen, dass sie ihm gehört.`,
            `Die Domain zählt nicht mehr für ${organization}, und niemand tritt über sie bei. Alle Mitglieder bleiben.`
          ]
        }[what],
        actions: [{ label: 'Unternehmen öffnen', link }],
        otherwise: 'Wenn Sie das nicht erwartet haben, fragen Sie, wer sich um die Domain Ihres Unternehmens kümmert.',
        reason: runsIt
      })
    },
    ownership_offered: {
      subject: 'Ihnen wird das Eigentum an einer Organisation angeboten',
      body: ({ organization, owner, days, link }, format) => ({
        paragraphs: [
          `${owner} bietet Ihnen das Eigentum an ${organization} an. Wer Eigentümer ist, darf dort alles und steht dafür ein.`,
          `Das Angebot gilt ${format.days(days)} lang. Ohne Ihre Annahme ändert sich nichts.`
        ],
        actions: [{ label: 'Angebot ansehen', link }],
        otherwise: 'Wenn Sie das nicht möchten, lehnen Sie das Angebot ab.',
        reason: 'Sie erhalten diese Mail, weil Sie Mitglied dieser Organisation sind.'
      })
    },
    enforcement_notice: {
      subject: 'Eine Entscheidung nach den Regeln von Guildhall',
      body: ({ subject, organization, measure, reason, remedy, until, appealLink }, format) => {
        const named = [{ account: 'Ihr Konto', company: 'Ihr Unternehmen', agency: 'Ihre Agentur' }[subject], organization]
          .filter(Boolean)
          .join(' ')
        const time = until ? ` bis zum ${format.moment(until)}` : ''
        return {
          paragraphs: [
            {
              notice: `Dieser Hinweis betrifft ${named}. Nichts ist eingeschränkt.`,
              warning: `Diese Warnung betrifft ${named}. Noch ist nichts eingeschränkt.`,
              restricted: `Wir haben ${named}${time} eingeschränkt. Laufende Arbeit geht weiter, neue Geschäfte sind nicht möglich.`,
              suspended: `Wir haben ${named}${time} gesperrt. Eine Nutzung ist solange nicht möglich.`,
              banned: `Wir haben ${named} dauerhaft gesperrt. Eine Nutzung ist nicht mehr möglich.`
            }[measure]
          ],
          quotes: [
            { lead: 'Die Begründung:', text: reason },
            { lead: 'Was Sie tun können:', text: remedy }
          ],
          actions: appealLink ? [{ label: 'Widerspruch einlegen', link: appealLink }] : [],
          otherwise: appealLink
            ? 'Wenn Sie meinen, dass wir uns irren, widersprechen Sie: Der Link geht auch ohne Anmeldung.'
            : 'Wenn Sie meinen, dass wir uns irren, sprechen Sie mit der Person, der die Organisation gehört: Sie weiß Bescheid und kann widersprechen.',
          reason: `Sie erhalten diese Mail, weil es um ${{ account: 'Ihr Konto bei Guildhall', company: 'ein Unternehmen, das Sie auf Guildhall leiten,', agency: 'eine Agentur, die Sie auf Guildhall leiten,' }[subject]} geht. Solche Mails lassen sich nicht abbestellen.`
        }
      }
    },
    contact_unavailable: {
      subject: 'Eine Ansprechperson kann zurzeit nicht handeln',
      body: ({ contact, organization, amount, link }) => ({
        paragraphs: [
          `${contact}, Ansprechperson bei ${organization}, kann zurzeit nicht wie gewohnt handeln.`,
          `${amount === 1 ? 'Ein laufender Vertrag nennt' : `${amount} laufende Verträge nennen`} diese Person als Ansprechperson. Das bleibt so; Sie können jemand anderen benennen.`
        ],
        actions: [{ label: 'Verträge ansehen', link }],
        otherwise: 'Wenn Sie niemand anderen benennen, ändert sich von selbst nichts.',
        reason: runsIt
      })
    },
    duplicate_case: {
      subject: 'Sie haben anscheinend ein weiteres Guildhall-Konto',
      body: ({ what, until, chooseBy, link, appealLink }, format) => ({
        paragraphs: [
          {
            choose:
              'Eine Angabe von Ihnen kennen wir von einem anderen Konto. Jeder Mensch hat ein Konto, und alles andere hängt daran: mehrere Unternehmen, eine Agentur, ein Freelancer-Profil. Bitte wählen Sie, welches Konto Sie behalten.',
            circumvention:
              'Eine Angabe von Ihnen kennen wir von einem Konto, das wir gesperrt haben. Wer gesperrt ist, darf nicht mit einem anderen Konto weitermachen.',
            decided:
              'Wir haben entschieden, dass dieses Konto eines fortsetzt, das wir gesperrt haben, und es eingeschränkt. Wer gesperrt ist, darf nicht mit einem anderen Konto weitermachen.'
          }[what],
          ...(chooseBy
            ? [`Bitte tun Sie das bis ${format.moment(chooseBy)}. Danach ist dieses Konto eingeschränkt, bis Sie gewählt haben.`]
            : []),
          ...(what === 'decided'
            ? []
            : [
                until
                  ? `Wenn das andere Konto nicht Ihres ist, bestätigen Sie Ihre Identität bis ${format.moment(until)}. Danach ist dieses Konto eingeschränkt, bis Sie es tun.`
                  : 'Wenn das andere Konto nicht Ihres ist, bestätigen Sie Ihre Identität: Gehört es jemand anderem, ist damit alles geklärt.'
              ])
        ],
        actions: [
          ...(link === undefined ? [] : [{ label: what === 'choose' ? 'Konto wählen' : 'Sehen, was Sie tun können', link }]),
          { label: 'Widersprechen', link: appealLink }
        ],
        otherwise: 'Wenn Sie meinen, dass wir uns irren, widersprechen Sie: Der Link geht auch ohne Anmeldung.',
        reason: 'Sie erhalten diese E-Mail, weil es um Ihr Guildhall-Konto geht. Solche E-Mails lassen sich nicht abbestellen.'
      })
    },
    case_closed: {
      subject: 'Zu Ihrem Guildhall-Konto ist alles geklärt',
      body: () => ({
        paragraphs: [
          'Wir hatten Sie nach einem anderen Konto gefragt. Das ist geklärt, und was wir deswegen eingeschränkt hatten, ist aufgehoben.'
        ],
        otherwise: 'Sie müssen nichts tun.',
        reason: 'Sie erhalten diese E-Mail, weil wir Ihnen wegen Ihres Guildhall-Kontos geschrieben hatten.'
      })
    },
    verification_requested: {
      subject: 'Bitte bestätigen Sie Ihre Identität',
      body: ({ until, link }, format) => ({
        paragraphs: [
          `Bitte zeigen Sie uns bis ${format.moment(until)}, wer Sie sind, mit einem amtlichen Dokument und einem Foto von sich. Das dauert ein paar Minuten.`,
          'Bis dahin ist nichts eingeschränkt. Danach nimmt das Konto keine neuen Geschäfte an, bis Sie es getan haben.'
        ],
        actions: [{ label: 'Identität bestätigen', link }],
        otherwise: 'Wenn Sie es nicht rechtzeitig schaffen, sagen Sie unserem Support Bescheid.',
        reason: 'Sie erhalten diese E-Mail, weil es um Ihr Guildhall-Konto geht. Solche E-Mails lassen sich nicht abbestellen.'
      })
    },
    verification_failed: {
      subject: 'Ihre Identität konnte noch nicht bestätigt werden',
      body: ({ defects, until, link }, format) => ({
        paragraphs: [
          'Wir haben uns angesehen, was Sie uns geschickt haben, und konnten Ihre Identität damit nicht bestätigen. Das ist alles, was nicht stimmte:',
          ...defects.map((defect) => defectWords[defect]),
          until ? `Bitte versuchen Sie es bis ${format.moment(until)} noch einmal.` : 'Bitte versuchen Sie es noch einmal.'
        ],
        actions: [{ label: 'Noch einmal versuchen', link }],
        otherwise: 'Wenn Sie es nicht richtigstellen können, sagen Sie unserem Support Bescheid.',
        reason: 'Sie erhalten diese E-Mail, weil Sie uns Dokumente geschickt haben, um Ihre Identität zu bestätigen.'
      })
    },
    verification_passed: {
      subject: 'Ihre Identität ist bestätigt',
      body: () => ({
        paragraphs: ['Vielen Dank: Ihre Identität ist bestätigt. Was bis dahin eingeschränkt war, ist aufgehoben.'],
        otherwise: 'Sie müssen nichts tun.',
        reason: 'Sie erhalten diese E-Mail, weil Sie uns Dokumente geschickt haben, um Ihre Identität zu bestätigen.'
      })
    },
    appeal_received: {
      subject: 'Ihr Widerspruch ist angekommen',
      body: ({ link }) => ({
        paragraphs: [
          'Ihr Widerspruch ist angekommen. Jemand, der nicht an der Entscheidung beteiligt war, sieht ihn sich an; die Antwort bekommen Sie per Mail.'
        ],
        actions: [{ label: 'Widerspruch ansehen', link }],
        otherwise: 'Wenn Sie nicht widersprochen haben, sagen Sie unserem Support Bescheid.',
        reason: 'Sie erhalten diese Mail, weil einer Entscheidung widersprochen wurde, die Sie betrifft.'
      })
    },
    appeal_answer: {
      subject: 'Die Antwort auf Ihren Widerspruch',
      body: ({ outcome, reason, link }) => ({
        paragraphs: [
          {
            granted: 'Ihr Widerspruch hatte Erfolg: Alles ist wieder so wie vor unserer Entscheidung.',
            denied: 'Wir haben alles noch einmal geprüft und Ihren Widerspruch abgelehnt: Unsere Entscheidung bleibt.',
            more_info: 'Um über Ihren Widerspruch zu entscheiden, müssen wir mehr von Ihnen wissen.'
          }[outcome]
        ],
        quotes: [{ lead: outcome === 'more_info' ? 'Was wir Sie fragen:' : 'Die Begründung:', text: reason }],
        actions: [{ label: outcome === 'more_info' ? 'Antworten' : 'Widerspruch ansehen', link }],
        otherwise: 'Wenn Sie nicht widersprochen haben, sagen Sie unserem Support Bescheid.',
        reason: 'Sie erhalten diese Mail, weil einer Entscheidung widersprochen wurde, die Sie betrifft.'
      })
    },
    reactivation: {
      subject: 'Aktivieren Sie Ihr Konto wieder',
      body: ({ link, hours }, format) => ({
        paragraphs: [
          'Jemand, hoffentlich Sie selbst, möchte Ihr geschlossenes Konto wieder aktivieren. Mit dem Link ist es wieder aktiv.',
          `Der Link gilt einmal und ${format.hours(hours)} lang.`
        ],
        actions: [{ label: 'Konto wieder aktivieren', link }],
        otherwise: 'Wenn Sie das nicht waren, ignorieren Sie diese Mail: Ihr Konto bleibt geschlossen.',
        reason: 'Sie erhalten diese Mail, weil mit dieser Adresse ein geschlossenes Konto wieder aktiviert werden soll.'
      })
    },
    account_closed: {
      subject: 'Ihr Konto wurde geschlossen',
      body: ({ at, why, years, link }, format) => ({
        paragraphs: [
          why === 'person'
            ? 'Ihr Konto bei Guildhall wurde geschlossen, wie nach einer frischen Anmeldung verlangt. Alle Sitzungen sind beendet, und Sie sind in keiner Organisation mehr Mitglied.'
            : 'Ihr Konto bei Guildhall wurde geschlossen, weil Sie ein anderes behalten. Alle seine Sitzungen sind beendet, und es ist in keiner Organisation mehr Mitglied.',
          why === 'person'
            ? `Innerhalb dieser Zeit können Sie es mit einem Link an diese Adresse wieder öffnen: ${format.years(years)}. Mitgliedschaften und Organisationen kommen damit nicht zurück.`
            : 'Es lässt sich nicht durch einen Link wieder öffnen. Nichts davon wurde in das Konto übernommen, das Sie behalten.'
        ],
        facts: [{ label: 'Zeit', value: format.moment(at) }],
        ...(link ? { actions: [{ label: 'Konto wieder aktivieren', link }] } : {}),
        otherwise: 'Wenn Sie das nicht waren, wenden Sie sich sofort an unseren Support.',
        reason: 'Sie erhalten diese Mail, weil Ihr Konto bei Guildhall geschlossen wurde.'
      })
    },
    erasure_scheduled: {
      subject: 'Ihre Daten werden gelöscht',
      body: ({ until, link }, format) => ({
        paragraphs: [
          'Ihr Konto bei Guildhall ist geschlossen, und seine Daten werden gelöscht, wie nach einer frischen Anmeldung oder mit einem Link an Ihr Postfach verlangt.',
          'Bis dahin können Sie es sich anders überlegen: Aktivieren Sie Ihr Konto wieder, und nichts wird gelöscht. Danach kann niemand es zurückholen.'
        ],
        facts: [{ label: 'Gelöscht ab', value: format.moment(until) }],
        actions: [{ label: 'Konto wieder aktivieren', link }],
        otherwise: 'Wenn Sie das nicht waren, aktivieren Sie Ihr Konto sofort wieder und wählen Sie ein neues Passwort.',
        reason: 'Sie erhalten diese Mail, weil die Daten Ihres Kontos bei Guildhall gelöscht werden.'
      })
    },
    erasure_cancelled: {
      subject: 'Ihre Daten werden nicht gelöscht',
      body: ({ at }, format) => ({
        paragraphs: [
          'Sie hatten verlangt, dass die Daten Ihres Kontos bei Guildhall gelöscht werden. Unser Support hat das abgebrochen: Nichts wird gelöscht, und Ihr Konto bleibt, wie es ist.',
          'Sie können es jederzeit wieder verlangen, solange Ihr Konto nicht gesperrt ist.'
        ],
        facts: [{ label: 'Zeit', value: format.moment(at) }],
        otherwise: 'Wenn Sie unseren Support nicht darum gebeten haben, wenden Sie sich sofort an ihn.',
        reason: 'Sie erhalten diese Mail, weil die Löschung der Daten Ihres Kontos bei Guildhall abgebrochen wurde.'
      })
    }
  }
}
