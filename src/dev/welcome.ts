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
${demo ? demoTour(publicUrl, demo) : ''}
${bold('Register somebody new')} (paste in another terminal)

  curl -s ${publicUrl}/v1/accounts -H 'Content-Type: application/json' -d '{"email":"nora@example.com",
    "password":"tulip anchor museum forty","firstName":"Nora","lastName":"Novak","countryCode":"DE","intent":"client"}'

  # the proof link is in the mailbox; its token proves the address and signs in
  TOKEN=$(curl -s '${publicUrl}/dev/mail.json?to=nora@example.com' | grep -o 'ghv_[A-Za-z0-9_-]*' | head -1)
  curl -s ${publicUrl}/v1/email-verifications -H 'Content-Type: application/json' -d "{\\"token\\":\\"$TOKEN\\"}"

Stop with Ctrl-C. Data stay in ${service.config.DATA_DIR}.

`
}

const demoTour = (publicUrl: string, { email, password, token }: Demo & { token: string }): string => `
${bold('Demo person')}  ${email}  /  ${password}

  # a token, good for five minutes
  ACCESS=${token}
  curl -s ${publicUrl}/v1/me -H "Authorization: Bearer $ACCESS"

  # sign in for a new one
  ACCESS=$(curl -s ${publicUrl}/v1/sessions -H 'Content-Type: application/json' \\
    -d '{"email":"${email}","password":"${password}"}' | grep -o '"accessToken":"[^"]*' | cut -d'"' -f4)
`
