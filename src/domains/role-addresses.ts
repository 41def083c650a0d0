/**
 * Names of mailboxes that several people, programs or ticket systems read: proving one says nothing about belonging to the company, since a
 * stranger may get what is sent there back as an answer. Those of RFC 2142, and what offices, help desks and mailing programs use.
 */

const words = (text: string): Set<string> => new Set(text.trim().split(/\s+/))

/** Nobody is called that: they tell wherever they stand, as in `info-de@` and `berlin.info@`. */
const anywhere = words(`
  abuse accountspayable admin administracion administration administrator alerts amministrazione anfrage anfragen announcements assistenza
  ayuda bestellung bestellungen bewerbung bounces buchhaltung complaints comptabilite contact contacts contactus contato customers
  datenschutz devnull dsgvo enquiries enquiry everyone facturacion facturation facturen feedback fibu gdpr hotline impressum inbound inbox
  incoming info infos information informations inquiries inquiry invoice invoices invoicing issues karriere klantenservice kontakt
  kundendienst listserv mailbot mailinglist mailman newsletter newsletters notification notifications orders payroll poststelle
  recrutement rechnung rechnungen redaktion replies reservations rsvp sekretariat soporte subscriptions suporte sysadmin tickets ticket
  undisclosed unsubscribe usenet uucp vertrieb verwaltung webadmin webmaster hostmaster postmaster zentrale
`)

/** Surnames, or what a person may be known by beside their name: they tell in the first place, as in `sales.berlin@`, and not in `maria.sales@`. */
const first = words(`
  accounting accounts accueil alert announce assistance auto automation billing biuro booking bookings bounce calendar care career careers
  cases commercial compliance contatti customer dns empfang einkauf event events finance forum ftp help hello hilfe issue jobs legal mailing
  marketing media news noc nobody notify office operations ops order payment payments presse privacy procurement purchasing reception
  recruiting recruitment register registrar reply request requests reservation returns security service services shop spam staff status
  subscribe system systems talent team tech technik test training ufficio vendas vendite ventas verkauf verkoop web www
`)

/** Names, titles or initials of real people as well: they tell when nothing else is there, as in `hr-team@` and not in `hr.mueller@`. */
const alone = words(`
  all board bonjour bot case ciao comments cs daemon dev devs dpo engineering feed groups hallo hej hi hola hr ir it list lists mail mailer
  moderator post pr press qa robot root sales survey welcome
`)

/** What stands beside them and is no name either. */
const beside = words(`
  and apac at au be br ca central ch client clients cn company corp cz dach de department dept desk dk emea en es eu external fi for fr
  general global grp group hq hu ie in int internal intl jp main master member members my new nl no not north nz of old online our pl
  prod product pt public reply ro se sg shared sk south sys technical the uk us usa user users west east za
`)

const known = new Set([...anywhere, ...first, ...alone, ...beside])
const telling = (word: string): boolean => anywhere.has(word) || first.has(word) || alone.has(word)
// Long enough to be in no name: `itsupport@`, `supportteam@`, `do_not_reply@`.
const within = /support|helpdesk|servicedesk|noreply|donotreply|dontreply|customerservice|customercare|kundenservice|mailerdaemon/
const written = new RegExp(`^(?:${[...known].sort((a, b) => b.length - a.length).join('|')})+$`)
const clear = new RegExp([...anywhere].filter((word) => word.length > 3).join('|'))

/**
 * Whether others than one person may read what is sent to an address, by its canonical form. Case, signs and numbers make no difference:
 * `support+4711@`, `no_reply@`, `help.desk@` and `admin1@` are what they are without. Doubtful is what costs a person an invitation only.
 */
export function isRoleAddress(canonical: string): boolean {
  const local = canonical.slice(0, canonical.lastIndexOf('@')).toLowerCase()
  const parts = local
    .split('+')[0]!
    .split(/[^a-z0-9]+/)
    .filter(Boolean)
  if (parts.length === 0) return true
  // A number of one's own is somebody's: `4711@`.
  const names = parts.map((part) => part.replace(/^\d+|\d+$/g, '')).filter(Boolean)
  const joined = names.join('')
  return (
    within.test(joined) ||
    telling(joined) ||
    names.some((name) => anywhere.has(name)) ||
    first.has(names[0] ?? '') ||
    (names.some(telling) && names.every((name) => known.has(name))) ||
    (clear.test(joined) && written.test(joined))
  )
}
