import t from 'tap'
import { factsStatement, factsValues, type Row } from '../../src/access/facts-statement.ts'
import { type PlainRow, plainLook, rowOf } from '../../src/access/plain-statements.ts'
import { sceneOf } from '../../src/access/scenes.ts'
import { newId, parseId } from '../../src/http/ids.ts'
import { answer, type Question, type Resource } from '../../src/permissions/answer.ts'
import { permissionKeys } from '../../src/permissions/catalogue.ts'
import { inForce } from '../support/enforcement.ts'
import { organizations } from '../support/organizations.ts'
import { openWorld, type Person } from '../support/world.ts'

/** The statements of plain questions say what the one for all questions says, column by column, in every state. */

const world = await openWorld(t)
const { sql, parts } = world
const { found, freelance, join, team, send, ok } = organizations(world)
const [olga, hana, sam] = (await Promise.all(['Olga', 'Hana', 'Sam'].map((name) => world.person(name)))) as [Person, Person, Person]
for (const person of [olga, hana]) await freelance(person)
const company = await found(olga)
const agency = await found(olga, 'agency')
const design = await team(company, 'Design')
await ok(send('POST', `${company.url}/roles`, olga, { key: 'poster', name: 'Poster', description: 'Posts.', permissions: ['job.post'] }))
await join(company, hana, [{ role: 'hiring_manager', teamId: design }, { role: 'recruiter' }, { role: 'poster' }])
await join(agency, hana, [{ role: 'freelancer' }], { exclusive: true })

const [companyId, agencyId, teamId] = [parseId('company', company.id)!, parseId('agency', agency.id)!, parseId('team', design)!]
const idOf = ({ accountId }: Person): string => parseId('account', accountId)!
const accounts = [...[olga, hana, sam].map(idOf), newId(), null]
const resources: Resource[] = [
  { type: 'company', id: companyId },
  { type: 'agency', id: agencyId },
  { type: 'team', id: teamId },
  // Of the other kind, unknown, and none.
  { type: 'agency', id: companyId },
  { type: 'company', id: agencyId },
  { type: 'team', id: companyId },
  { type: 'company', id: teamId },
  { type: 'company', id: newId() },
  { type: 'team', id: newId() },
  { type: 'company', id: null },
  { type: 'team', id: null }
]
const questions = accounts.flatMap((accountId) => resources.map((resource): Question => ({ accountId, permission: '', resource })))

/** What a plain question depends on: nothing is the enforcement of an organization that is none, and no two looks read the same time until it ends. */
const comparable = ({ n, lasts, teamIds, freelancer, exclusive, ownSide, organizationEnforcement, ...row }: Row): object => ({
  ...row,
  ends: lasts !== null,
  organizationEnforcement: row.organizationId === null ? null : organizationEnforcement
})
const known = ({ accountId }: Row): boolean => accountId !== null
const decisionsOf = (question: Question, rows: readonly Row[]): unknown[] => {
  const { versions, ...scene } = sceneOf(question, rows)
  return [[...versions].sort(), ...permissionKeys.map((permission) => answer({ ...question, permission }, scene))]
}

const lasting = "tstzmultirange(tstzrange(now() - interval '1 h', now() + interval '1 h'))"
const ofHana = `id = '${idOf(hana)}'`
const ofCompany = `id = '${companyId}'`
const factor = `second_factors (account_id, sealed_secret, key_id, confirmed_at) values ('${idOf(hana)}', '\\x00', 'k'`
const steps: Array<[name: string, ...statements: string[]]> = [
  ['as it begins', 'select'],
  ...['warning', 'restricted', 'suspended', 'banned'].map((kind): [string, string] => [
    `${kind}, both`,
    `with a as (update accounts set ${inForce(kind)} where ${ofHana}) update organizations set ${inForce(kind)} where ${ofCompany}`
  ]),
  ['nothing in force', `update accounts set ${inForce('none')}`, `update organizations set ${inForce('none')}`],
  ['an enforcement of the account that ends', `update accounts set restricted_during = ${lasting} where ${ofHana}`],
  ['one of the organization as well', `update organizations set suspended_during = ${lasting} where ${ofCompany}`],
  ['over again', `update accounts set ${inForce('none')}`, `update organizations set ${inForce('none')}`],
  ['an account that is not proven', `update accounts set status = 'pending_email' where ${ofHana}`],
  ['an account that is', `update accounts set status = 'active' where ${ofHana}`],
  ['a closed account', `update accounts set status = 'closed', closed_at = now() where id = '${idOf(sam)}'`],
  ['a closed organization', `update organizations set status = 'closed', closed_at = now() where ${ofCompany}`],
  ['an open organization', `update organizations set status = 'active', closed_at = null where ${ofCompany}`],
  ['a second factor that is required', `update organizations set require_second_factor = true`],
  ['one that is not confirmed', `insert into ${factor}, null)`],
  ['one that is', 'update second_factors set confirmed_at = now()'],
  ['a suspended membership', `update memberships set status = 'suspended' where account_id = '${idOf(hana)}'`],
  ['an active one', "update memberships set status = 'active'"],
  ['a custom role that holds nothing', "update custom_roles set permissions = '{}'"],
  ['a role that is gone', 'begin; set local session_replication_role = replica; delete from custom_roles; commit'],
  ['no roles', 'delete from role_grants']
]

for (const [name, ...statements] of steps)
  t.test(`Q-1, Q-2: ${name}: plain questions see what all questions see`, async (t) => {
    for (const statement of statements) await sql(statement)
    let [members, ending] = [0, 0]
    const all = Map.groupBy(await parts.db.pipeline.run<Row>(factsStatement, factsValues(questions)), ({ n }) => n - 1)
    for (const [index, question] of questions.entries()) {
      const { statement, values } = plainLook(question)
      const plain = (await parts.db.pipeline.run<PlainRow>(statement, values)).map((row) => rowOf(row, question))
      const general = all.get(index)!
      const asked = JSON.stringify(question)
      t.strictSame(plain.map(comparable), general.filter(known).map(comparable), asked)
      t.strictSame(decisionsOf(question, plain), decisionsOf(question, general), asked)
      const [one, other] = [plain[0], general[0]!]
      if (one?.membershipStatus) members++
      if (one?.lasts) ending++
      t.ok(Math.abs((one?.lasts ?? 0) - (known(other) ? (other.lasts ?? 0) : 0)) < 60_000, asked)
    }
    t.ok(members >= 6, 'members as well')
    t.equal(ending > 0, /ends|as well/.test(name))
  })
