import { styleText } from 'node:util'
import type { Service } from '../service.ts'
import { mailboxFolder } from '../service.ts'
import type { Demo } from './seed.ts'

// Only where the terminal shows it.
const bold = (text: string): string => styleText('bold', text)

/** What the terminal shows once the service listens: where everything is, and lines to paste that carry out the main job. */
export function welcome(service: Service, demo: (Demo & { token: string }) | undefined): string {
  const { publicUrl } = service.config
  const addresses: Array<[string, string]> = [
    ['API', publicUrl],
    ['Documentation', `${publicUrl}/docs`],
    ...(mailboxFolder(service.config) ? [['Mailbox', `${publicUrl}/dev/mail`] as [string, string]] : []),
    ...(service.metricsPort ? [['Metrics', `http://localhost:${service.metricsPort}/metrics`] as [string, string]] : [])
  ]
  return `
${bold('Guildhall is ready.')}

${addresses.map(([name, url]) => `  ${name.padEnd(14)} ${url}`).join('\n')}
${demo ? demoTour(publicUrl, demo) : ''}${mailboxFolder(service.config) ? mainJob(publicUrl) : ''}
Stop with Ctrl-C. Data stay in ${service.config.DATA_DIR}.

`
}

const demoTour = (publicUrl: string, { email, password, token }: Demo & { token: string }): string => `
${bold('Demo person')}  ${email}  /  ${password}   (all demo people have this password)

  # a token, good for five minutes
  ACCESS=${token}
  api() { curl -sw '\\n' -H "Authorization: Bearer $ACCESS" "$@"; }
  one() { grep -o "$1_[a-z0-9]*" | head -1; }

  # whom she can act as; then Hana, the contact person of an active contract, who cannot be removed: 409
  CONTEXTS=$(api ${publicUrl}/v1/me/contexts); echo $CONTEXTS
  COMPANY=${publicUrl}/v1/companies/$(echo $CONTEXTS | one company); OLGA=$(echo $CONTEXTS | one member)
  HANA=$(api "$COMPANY/members?text=Hana" | one member)
  api -X DELETE $COMPANY/members/$HANA

  # with another contact for her contracts she can: 204
  api -X DELETE "$COMPANY/members/$HANA?reassignContactTo=$OLGA" -o /dev/null -w '%{http_code}\\n'
`

const mainJob = (publicUrl: string): string => `
${bold('The main job')} (paste in another terminal)

  U=${publicUrl}
  post() { curl -sw '\\n' "$U$1" -H 'Content-Type: application/json' -d "$2"; }
  value() { grep -o '"'$1'":"[^"]*' | cut -d'"' -f4; }

  # register, and prove the address by the link in the mailbox
  post /v1/accounts '{"email":"nora@example.com","password":"tulip anchor museum forty",
    "firstName":"Nora","lastName":"Novak","countryCode":"DE","intent":"client"}'
  until TOKEN=$(curl -s "$U/dev/mail.json?to=nora@example.com" | grep -o 'ghv_[A-Za-z0-9_-]*' | head -1) && [ "$TOKEN" ]; do sleep 1; done
  post /v1/email-verifications '{"token":"'$TOKEN'"}'

  # sign in and look at the account
  SIGNED_IN=$(post /v1/sessions '{"email":"nora@example.com","password":"tulip anchor museum forty"}')
  curl -sw '\\n' $U/v1/me -H "Authorization: Bearer $(echo $SIGNED_IN | value accessToken)"

  # refresh: a second use of the same token looks like theft and signs out
  REFRESH='{"refreshToken":"'$(echo $SIGNED_IN | value refreshToken)'"}'
  post /v1/sessions/refresh "$REFRESH"
  post /v1/sessions/refresh "$REFRESH"
`
