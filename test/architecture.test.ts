import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import t from 'tap'

/** How the code is laid out (src/README.md), kept by reading the source. */

interface Import {
  from: string
  to: string
  typeOnly: boolean
}

const files = globSync('src/**/*.ts').sort()
const source = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]))
const imports: Import[] = files.flatMap((file) =>
  [...source.get(file)!.matchAll(/(?:^(?:import|export)( type)?[^'"]*?from |^import |import\()'(\.[^']+)'/gm)].map(([, type, path]) => ({
    from: file,
    to: join(dirname(file), path!),
    typeOnly: type !== undefined
  }))
)
const folder = (file: string): string => (dirname(file) === 'src' ? '' : dirname(file).split('/')[1]!)
const isRoutes = (file: string): boolean => /(^|-)routes\.ts$/.test(basename(file))
const isSchemas = (file: string): boolean => /(^|-)schemas\.ts$/.test(basename(file))
const isTables = (file: string): boolean => /(^|-)tables\.ts$/.test(basename(file))
const shown = ({ from, to }: Import): string => `${from} → ${to}`

/** Folders that know the domain. */
const slices = [
  'access',
  'accounts',
  'sessions',
  'clients',
  'audit',
  'events',
  'mail',
  'jobs',
  'organizations',
  'permissions',
  'profiles',
  'contracts',
  'invitations',
  'domains',
  'conversations',
  'identity',
  'enforcement',
  'closing'
]
/** What puts the parts together, and may know all of them. */
const roots = ['src/main.ts', 'src/service.ts', 'src/app.ts', 'src/parts.ts', 'src/cli.ts', 'src/metrics.ts']
/** Words that everything may use. */
const common = [
  'src/actor.ts',
  'src/config.ts',
  'src/constraint-problems.ts',
  'src/identity-problems.ts',
  'src/identity-settings.ts',
  'src/joining-problems.ts',
  'src/keyring.ts',
  'src/log.ts',
  'src/organization-problems.ts',
  'src/problems.ts',
  'src/query-settings.ts',
  'src/setting-forms.ts',
  'src/soon.ts',
  'src/settings.ts',
  'src/soon.ts',
  'src/tokens.ts',
  'src/version.ts'
]

t.test('the source was read', async (t) => {
  t.ok(files.length > 80 && imports.length > 300)
  t.strictSame(imports.filter(({ to }) => to.endsWith('.ts') && !to.endsWith('.d.ts') && !source.has(to)).map(shown), [])
  t.ok(
    imports.some(({ from, to }) => from === 'src/main.ts' && to === 'src/db/embedded.ts'),
    'imports at run time are seen too'
  )
  t.strictSame(
    [...new Set(files.map(folder))].sort(),
    ['', 'db', 'dev', 'http', 'pages', 'types', ...slices].sort(),
    'every folder has its place here'
  )
})

t.test('http/ and db/ know nothing of the domain, pages/ only what they are about', async (t) => {
  const allowed: Record<string, string[]> = { db: ['db'], http: ['http', 'db'], pages: ['pages', 'http'] }
  const wrong = imports.filter(({ from, to }) => {
    const may = allowed[folder(from)]
    return may !== undefined && !may.includes(folder(to)) && !common.includes(to)
  })
  t.strictSame(wrong.map(shown), [])
  // The address parser is a pure function of the environment's form.
  const configImports = imports.filter(
    ({ from, to }) => ['src/config.ts', 'src/setting-forms.ts', 'src/settings.ts'].includes(from) && folder(to) !== ''
  )
  t.strictSame(configImports.map(shown), ['src/setting-forms.ts → src/http/addresses.ts'])
})

t.test('routes → services → tables: nothing imports routes but what lists them, tables import only tables', async (t) => {
  t.strictSame(imports.filter(({ from, to }) => isRoutes(to) && from !== 'src/app.ts').map(shown), [])
  t.strictSame(imports.filter(({ from, to }) => isTables(from) && !isTables(to) && to !== 'src/db/columns.ts').map(shown), [])
  const services = files.filter((file) => slices.includes(folder(file)) && !isRoutes(file) && !isSchemas(file))
  t.strictSame(
    imports.filter(({ from, to }) => services.includes(from) && isSchemas(to)).map(shown),
    [],
    'a service knows nothing of what crosses HTTP'
  )
  const withFastify = services.filter((file) => /^import (?!type).* from 'fastify'/m.test(source.get(file)!))
  t.strictSame(withFastify, [], 'nor of the server')
})

t.test('a slice uses no routes or schemas of another, with the exceptions that have a reason', async (t) => {
  const crossing = imports.filter(({ from, to }) => isSchemas(to) && folder(from) !== folder(to) && slices.includes(folder(from)))
  t.strictSame(crossing.map(shown).sort(), [
    // Proving an email shows the companies that it opens.
    'src/accounts/routes.ts → src/domains/schemas.ts',
    // And it signs in, so its answer holds the tokens of a sign-in.
    'src/accounts/routes.ts → src/sessions/schemas.ts',
    // Coming back to a closed account is asked for by an address; a link erases as well, and operators say why.
    'src/closing/anonymisation-routes.ts → src/accounts/schemas.ts',
    'src/closing/anonymisation-routes.ts → src/organizations/schemas.ts',
    'src/closing/reactivation-routes.ts → src/accounts/schemas.ts',
    // A coworker is invited by an address, in a language.
    'src/conversations/schemas.ts → src/accounts/schemas.ts',
    // Invitations are made below an organization and carry its roles, as answers to join requests do; accepting one may register somebody, sign them in and open a profile.
    'src/invitations/bulk-routes.ts → src/organizations/schemas.ts',
    'src/invitations/invitee-routes.ts → src/accounts/schemas.ts',
    'src/invitations/invitee-routes.ts → src/sessions/schemas.ts',
    'src/invitations/join-request-schemas.ts → src/organizations/schemas.ts',
    'src/invitations/preference-routes.ts → src/accounts/schemas.ts',
    'src/invitations/routes.ts → src/organizations/schemas.ts',
    'src/invitations/schemas.ts → src/accounts/schemas.ts',
    'src/invitations/schemas.ts → src/organizations/schemas.ts',
    'src/invitations/schemas.ts → src/profiles/schemas.ts',
    'src/invitations/schemas.ts → src/sessions/schemas.ts',
    // An agency sees and sets a part of the profile of an exclusive member.
    'src/organizations/agency-routes.ts → src/profiles/schemas.ts',
    // A sign-in answers whose it is.
    'src/sessions/routes.ts → src/accounts/schemas.ts',
    'src/sessions/schemas.ts → src/accounts/schemas.ts'
  ])
})

t.test('slices know what they are given by its type, never where it is made', async (t) => {
  const wrong = imports.filter(
    ({ from, to, typeOnly }) =>
      roots.includes(to) && !roots.includes(from) && folder(from) !== 'dev' && !(to === 'src/parts.ts' && typeOnly)
  )
  t.strictSame(wrong.map(shown), [])
  t.strictSame(
    imports
      .filter(({ to, from }) => folder(to) === 'dev' && !['src/main.ts', 'src/cli.ts'].includes(from) && folder(from) !== 'dev')
      .map(shown),
    []
  )
})

t.test('no file needs another that needs it', async (t) => {
  const next = new Map(files.map((file) => [file, imports.filter(({ from, typeOnly }) => from === file && !typeOnly).map(({ to }) => to)]))
  const cycles: string[] = []
  const done = new Set<string>()
  const walk = (file: string, path: string[]): void => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '))
    else if (!done.has(file)) {
      for (const to of next.get(file) ?? []) walk(to, [...path, file])
      done.add(file)
    }
  }
  for (const file of files) walk(file, [])
  t.strictSame(cycles, [])
})

t.test('the environment is read where the process begins, and the terminal written where it ends', async (t) => {
  const users = (pattern: RegExp): string[] => files.filter((file) => pattern.test(withoutComments(file)))
  t.strictSame(users(/\bprocess\.env\b/), ['src/cli.ts', 'src/main.ts'])
  t.strictSame(users(/\bprocess\.(stdout|stderr)\b/), ['src/cli.ts', 'src/log.ts', 'src/main.ts'])
  t.strictSame(users(/\bconsole\./), [])
  t.strictSame(users(/\bprocess\.exit\b/), ['src/main.ts'])
})

t.test('statements are never put together from text', async (t) => {
  const users = (pattern: RegExp): string[] => files.filter((file) => pattern.test(withoutComments(file)))
  t.strictSame(users(/\bsql\.(raw|identifier)\b/), [])
  // `client.query` outside db/ would go round the timeouts and the meaning of failures.
  t.strictSame(
    users(/\b(client|pool)\.query\b/).filter((file) => folder(file) !== 'db'),
    []
  )
})

t.test('files stay small, and say what they are about', async (t) => {
  t.strictSame(
    // The words of a locale are one file, however many there are: so that adding one is adding a file.
    files.filter((file) => source.get(file)!.split('\n').length > 301 && !file.startsWith('src/mail/locales/')),
    [],
    'no file has more than 300 lines'
  )
  t.strictSame(
    files.filter((file) => /^(utils?|helpers?|misc|common|index|service\d)\.ts$/.test(basename(file)) && file !== 'src/service.ts'),
    []
  )
  t.strictSame(
    files.filter((file) => /^export (\*|\{[^}]*\}) from/m.test(source.get(file)!)),
    [],
    'nothing is exported on from elsewhere'
  )
})

function withoutComments(file: string): string {
  return source
    .get(file)!
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
}
