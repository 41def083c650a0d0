import { type components, createClient, type Decision } from 'guildhall-client'
import { guildhallGuard } from 'guildhall-client/fastify'
import type { paths } from 'guildhall-client/schema'

/** Compiled against the installed package, never run: what is right compiles, what is wrong does not. */

const client = createClient({ url: 'http://localhost:3000', clientId: 'x', clientSecret: 'y', cache: { maxStaleMs: 500 } })
const path = { companyId: 'company_x' }

export async function right(): Promise<void> {
  const decision: Decision = await client.may('account_x', 'job.post', { type: 'team', id: 'team_x', organization: 'company_x' })
  const { data } = await client.get('/v1/accounts/{accountId}/permissions', { params: { path: { accountId: 'account_x' } } })
  const organizations: components['schemas']['PermissionMap']['organizations'] = data.organizations
  const made = await client.post('/v1/companies/{companyId}/teams', { params: { path }, body: { name: 'Maps' } })
  const name: string = made.data.name
  const etag: string | undefined = made.etag
  const page = await client.get('/v1/events', { params: { query: { after: 'latest', limit: 10 } } })
  const cursor: string = page.data.nextCursor
  const catalogue = await client.get('/v1/permissions')
  const keys: string[] = catalogue.data.items.map(({ key }) => key)
  const known: keyof paths = '/v1/events'
  console.log(decision, organizations, name, etag, cursor, keys, known)
}

export async function wrong(): Promise<void> {
  // @ts-expect-error there is no such operation
  await client.get('/v1/companies/{companyId}/nonsense', { params: { path } })
  // @ts-expect-error the path has a parameter
  await client.get('/v1/companies/{companyId}/teams')
  // @ts-expect-error a team has a name
  await client.post('/v1/companies/{companyId}/teams', { params: { path }, body: { title: 'Maps' } })
  // @ts-expect-error a resource has a type
  await client.may('account_x', 'job.post', { id: 'team_x' })
  // @ts-expect-error not of this type
  await client.may('account_x', 'job.post', { type: 'galaxy', id: 'x' })
  // @ts-expect-error no such thing in an answer
  console.log((await client.get('/v1/events', {})).data.nonsense)
}

interface Request {
  user: { id: string }
}
export const guard = guildhallGuard<Request>(client, {
  account: ({ user }) => user.id,
  action: 'job.post',
  resource: () => ({ type: 'company', id: 'company_x' })
})
