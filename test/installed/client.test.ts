import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { localSecrets } from '../../src/db/local.ts'
import { permissionKeys } from '../../src/permissions/catalogue.ts'
import { accessStage } from '../support/access-stage.ts'
import { cheapHashes, noLimits, startService } from '../support/process.ts'
import { databaseUrl, openWorld, type Person } from '../support/world.ts'

/** The client of other services as they get it: packed, installed into an empty folder, on every Node that is here, asking the running service. */

t.setTimeout(600_000)

interface Ran {
  code: number
  output: string
}

/** Runs a program to its end. */
const run = (program: string, args: string[], { cwd, env = {} }: { cwd: string; env?: NodeJS.ProcessEnv }): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(program, args, { cwd, env: { ...process.env, ...env }, timeout: 120_000 }, (error, stdout, stderr) =>
      resolve({ code: error ? (typeof error.code === 'number' ? error.code : 1) : 0, output: stdout + stderr })
    )
  })

async function succeed(t: Test, program: string, args: string[], cwd: string): Promise<string> {
  const { code, output } = await run(program, args, { cwd })
  t.equal(code, 0, `${program} ${args.join(' ')}${code === 0 ? '' : `: ${output}`}`)
  return output
}

/** This Node, and another one that the machine has of its own. */
function nodes(): string[] {
  const own = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/bin', '/usr/bin']
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => join(folder, 'node'))
    .find((file) => existsSync(file))
  return [process.execPath, ...(own ? [own] : [])]
}

const client = resolve('client')
const consumer = mkdtempSync(join(tmpdir(), 'guildhall-consumer-'))
t.teardown(() => rmSync(consumer, { recursive: true, force: true }))
const fromRegistry = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
/** The versions that this repository knows, and one of Express. */
const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> }
const frameworks = [`fastify@${dependencies.fastify}`, 'express@5.3.0']

t.test('it is built, packed, and installed into an empty folder', async (t) => {
  await succeed(t, 'npm', ['ci', ...fromRegistry], client)
  await succeed(t, process.execPath, ['scripts/generate.mjs', '--check'], client)
  const packed = await succeed(t, 'npm', ['pack', '--silent', '--pack-destination', consumer], client)
  const tarball = join(consumer, packed.trim().split('\n').at(-1)!)
  writeFileSync(join(consumer, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
  await succeed(t, 'npm', ['install', ...fromRegistry, tarball, ...frameworks], consumer)
  const installed = join(consumer, 'node_modules', 'guildhall-client')
  t.strictSame(readdirSync(installed).sort(), ['LICENSE', 'README.md', 'dist', 'package.json'])
  t.notOk(
    readdirSync(join(installed, 'dist')).some((file) => !/\.(js|d\.ts)$/.test(file)),
    'JavaScript and declarations'
  )
})

t.test('its types are those of the API', async (t) => {
  cpSync('test/installed/typed.ts', join(consumer, 'typed.ts'))
  const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2022', '--types', 'node']
  const roots = ['--typeRoots', join(client, 'node_modules', '@types')]
  await succeed(t, process.execPath, [join(client, 'node_modules/typescript/bin/tsc'), ...options, ...roots, 'typed.ts'], consumer)
})

/** A company and an agency with people, and the running service beside them. */
async function stage(t: Test) {
  const world = await openWorld(t, { env: { PUBLIC_URL: 'http://localhost' } })
  const { people, company, agency, design, maps, join: joins } = await accessStage(world)
  // As a database in production is, and a test's otherwise is not.
  await world.sql(`alter database ${world.database} set synchronous_commit = on`)
  const service = await startService(t, {
    ...noLimits,
    ...cheapHashes,
    DATABASE_URL: databaseUrl('service', world.database),
    SECRET_KEYS: localSecrets((JSON.parse(process.env.TEST_DATABASE!) as { directory: string }).directory).keys,
    PUBLIC_URL: 'http://localhost',
    SMTP_URL: 'smtp://127.0.0.1:1',
    MAIL_FROM: 'Guildhall <no-reply@guildhall.example>'
  })
  const { clientId, clientSecret } = await world.service('consumer', ['access.evaluate', 'events.read', 'proposals.write'])
  const leave = async (name: string) => {
    const person = await world.person(name)
    return { account: person.accountId, memberId: await joins(company, person) }
  }
  return {
    target: service.url,
    clientId,
    clientSecret,
    company: company.id,
    agency: agency.id,
    teams: [
      { id: design, organization: company.id },
      { id: maps, organization: agency.id }
    ],
    permissions: permissionKeys.filter((_, index) => index % 4 === 0 || index % 9 === 1),
    people: Object.fromEntries(Object.entries(people).map(([name, { accountId }]: [string, Person]) => [name, accountId])),
    owner: people.Olga.accessToken,
    /** For each Node somebody for each removal. */
    leaving: await Promise.all(['Lea', 'Leo', 'Liv', 'Lou', 'Lux', 'Lyn'].map(leave))
  }
}

t.test('Q-1, Q-4, Q-7: on the running service', async (t) => {
  const { leaving, ...world } = await stage(t)
  for (const file of ['consumer.mjs', 'proxy.mjs']) cpSync(join('test/installed', file), join(consumer, file))
  const readme = readFileSync('client/README.md', 'utf8')
  const snippets = [...readme.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, code]) => code!)
  t.ok(snippets.length >= 7)
  for (const node of nodes()) {
    const version = (await run(node, ['--version'], { cwd: consumer })).output.trim()
    const env = { WORLD: JSON.stringify({ ...world, leaving: leaving.splice(0, 3) }) }
    const { code, output } = await run(node, ['consumer.mjs'], { cwd: consumer, env })
    if (process.env.TEST_LOG) process.stderr.write(output)
    t.comment(output)
    const results = [...output.matchAll(/^(not )?ok (.*)\n((?: {2}.*\n)*)/gm)]
    for (const [, not, name, why] of results) t.notOk(not, `Node ${version}: ${name}${not ? `\n${why}` : ''}`)
    t.strictSame([code, results.length], [0, 9], `Node ${version}: all of it, and it ends by itself`)

    for (const [index, snippet] of snippets.entries()) {
      const file = `readme-${index}.mjs`
      writeFileSync(join(consumer, file), index === 0 ? snippet : `${beforeSnippets}\n${snippet}`)
      const values = {
        GUILDHALL_URL: world.target,
        GUILDHALL_CLIENT_ID: world.clientId,
        GUILDHALL_CLIENT_SECRET: world.clientSecret,
        ACCOUNT: world.people.Olga!,
        COMPANY: world.company,
        TEAM: world.teams[0]!.id
      }
      const ran = await run(node, [file], { cwd: consumer, env: values })
      t.equal(ran.code, 0, `Node ${version}: the README, part ${index + 1}${ran.code === 0 ? '' : `: ${ran.output}`}`)
      if (index === 0) t.equal(ran.output, 'true granted\n')
    }
  }
})

/** What the README has said before. */
const beforeSnippets = `
import { createClient } from 'guildhall-client'
const { GUILDHALL_URL: url, GUILDHALL_CLIENT_ID: clientId, GUILDHALL_CLIENT_SECRET: clientSecret } = process.env
const client = createClient({ url, clientId, clientSecret })
const { ACCOUNT: account, COMPANY: company, TEAM: team } = process.env
`
