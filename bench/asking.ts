import pg from 'pg'
import { newId, publicId } from '../src/http/ids.ts'
import { sha256 } from '../src/keyring.ts'
import { randomToken } from '../src/tokens.ts'
import type { ServiceProcess } from './processes.ts'

/** Services enough that no limit of theirs is met. */
const services = 8

export const evaluation = '/access/v1/evaluation'

/** Whether somebody may see a company, as every member may. */
export const question = (accountId: string, companyId: string) => ({
  subject: { type: 'account', id: publicId('account', accountId) },
  action: { name: 'company.read' },
  resource: { type: 'company', id: publicId('company', companyId) }
})

/** Headers of service clients that may ask about anybody, each with a token from the service itself. `url` is the database as superuser. */
export async function askers(port: number, url: string): Promise<Array<Record<string, string>>> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const made: Array<Record<string, string>> = []
    for (let count = 0; count < services; count++) {
      const [id, secret] = [newId(), randomToken('ghs')]
      await client.query(
        `insert into service_clients (id, name, scopes, secret_hashes) values ($1, $2, '{access.evaluate}', array[$3::bytea])`,
        [id, `bench-${id}`, sha256(secret)]
      )
      const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: publicId('service', id), client_secret: secret })
      const answer = await fetch(`http://127.0.0.1:${port}/v1/oauth/token`, { method: 'POST', body })
      if (!answer.ok) throw new Error(`No token: ${await answer.text()}`)
      made.push({ authorization: `Bearer ${((await answer.json()) as { access_token: string }).access_token}` })
    }
    return made
  } finally {
    await client.end()
  }
}

/** What a process says of the facts that it keeps: how often they were found, missed, checked, dropped for a change or not used. */
export async function keptFacts({ metricsPort }: Pick<ServiceProcess, 'metricsPort'>): Promise<Record<string, number>> {
  const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
  const counts = [...metrics.matchAll(/^guildhall_fact_cache_total\{event="(\w+)"\} (\d+)$/gm)]
  if (counts.length === 0) throw new Error('Nothing is told of the facts that are kept.')
  return Object.fromEntries(counts.map(([, event, count]) => [event, Number(count)]))
}
