/**
 * Names of mailboxes that several people, programs or ticket systems read: proving one says nothing about belonging to the company, since a
 * stranger may get what is sent there back as an answer. Those of RFC 2142, and what help desks and mailing programs use.
 */
const shared = new Set(
  (
    'abuse accounting accounts admin administrator all alerts announce auto automation billing bot bounce bounces buchhaltung calendar career careers case cases ' +
    'ceo-office comments compliance contact contactus customer customercare customers customerservice cs daemon datenschutz devnull dns do-not-reply donotreply dpo ' +
    'enquiries enquiry everyone feedback finance forum ftp groups hello help helpdesk hi hilfe hostmaster hr inbound inbox info information inquiries inquiry invoice ' +
    'invoices it jobs kontakt kundenservice legal list lists listserv mail mailbot mailer mailer-daemon mailman mailing marketing media moderator news newsletter no-reply ' +
    'nobody noc noreply notification notifications notify office operations ops order orders payments payroll postmaster press privacy purchasing rechnung recruiting recruitment ' +
    'redaktion register registrar replies reply request requests returns robot root sales security service services shop spam staff status subscribe support survey system systems ' +
    'talent team tech technik test ticket tickets unsubscribe usenet uucp verwaltung web webmaster welcome www zentrale'
  ).split(' ')
)

// Queues of help desks and returned mail, with whatever stands behind: `support-de@`, `bounces.4711@`.
const queues = /^(support|help-?desk|service-?desk|tickets?|repl(y|ies)|bounces?)[-_.]/

/** Whether others than one person may read what is sent to an address, by its canonical form; `support+4711@` is `support@`. */
export function isRoleAddress(canonical: string): boolean {
  const local = canonical.slice(0, canonical.lastIndexOf('@'))
  const name = local.split('+')[0]!
  return (
    name === '' ||
    shared.has(name) ||
    /^(no|do|don-?t)-?(not-?)?reply/.test(name) ||
    queues.test(name) ||
    /^(ticket|case|issue|reply|bounce)s?[-_.]?\d+$/.test(name)
  )
}
