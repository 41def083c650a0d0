import { readFileSync } from 'node:fs'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { authzenRoutes } from './access/authzen-routes.ts'
import { permissionRoutes } from './access/permission-routes.ts'
import { meRoutes } from './accounts/me-routes.ts'
import { accountRoutes } from './accounts/routes.ts'
import { clientRoutes } from './clients/routes.ts'
import { anonymisationRoutes } from './closing/anonymisation-routes.ts'
import { exportRoutes } from './closing/export-routes.ts'
import { reactivationRoutes } from './closing/reactivation-routes.ts'
import { closingRoutes } from './closing/routes.ts'
import { contractRoutes } from './contracts/routes.ts'
import { conversationRoutes } from './conversations/routes.ts'
import { domainRoutes } from './domains/routes.ts'
import { enforcementActionRoutes } from './enforcement/action-routes.ts'
import { appealRoutes } from './enforcement/appeal-routes.ts'
import { enforcementRoutes } from './enforcement/routes.ts'
import { subjectFaces } from './enforcement/subjects.ts'
import { eventRoutes } from './events/routes.ts'
import { healthRoutes } from './http/health.ts'
import { openApiDocument } from './http/openapi.ts'
import { makeServer } from './http/server.ts'
import { caseRoutes } from './identity/case-routes.ts'
import { evidenceRoutes } from './identity/evidence-routes.ts'
import { ownCaseRoutes } from './identity/own-case-routes.ts'
import { verificationRoutes } from './identity/verification-routes.ts'
import { bulkInvitationRoutes } from './invitations/bulk-routes.ts'
import { inviteeRoutes } from './invitations/invitee-routes.ts'
import { joinLinkRoutes } from './invitations/join-link-routes.ts'
import { joinRequestRoutes } from './invitations/join-request-routes.ts'
import { preferenceRoutes } from './invitations/preference-routes.ts'
import { invitationRoutes } from './invitations/routes.ts'
import { mailboxPages } from './mail/mailbox-pages.ts'
import { agencyRoutes } from './organizations/agency-routes.ts'
import { contextRoutes } from './organizations/context-routes.ts'
import { historyRoutes } from './organizations/history-routes.ts'
import { memberRoutes } from './organizations/member-routes.ts'
import { organizationRoutes } from './organizations/organization-routes.ts'
import { agencyFace, companyFace } from './organizations/organizations.ts'
import { ownershipRoutes } from './organizations/ownership-routes.ts'
import { removalRoutes } from './organizations/removal-routes.ts'
import { roleRoutes } from './organizations/role-routes.ts'
import { teamRoutes } from './organizations/team-routes.ts'
import { homePage } from './pages/home.ts'
import { landingPages } from './pages/landing.ts'
import { problemPages } from './pages/problems.ts'
import type { Parts } from './parts.ts'
import { profileRoutes } from './profiles/routes.ts'
import { operatorSessionRoutes } from './sessions/operator-routes.ts'
import { sessionRoutes } from './sessions/routes.ts'
import { signalRoutes } from './sessions/signal-routes.ts'
import { version } from './version.ts'

export interface AppOptions {
  log: FastifyBaseLogger
  /** Folder of the development mailbox; absent where mails go to a mail server. */
  mailbox?: string | undefined
  /** Answer 500 where an operation answers what it does not declare: on in tests. */
  strict?: boolean
  /** Further plugins, registered before any route: metrics, tracing. */
  plugins?: Array<(app: FastifyInstance) => void>
}

/** The whole service as one Fastify instance, not listening yet. Every slice is listed here by hand. */
export async function buildApp(parts: Parts, { log, mailbox, strict = false, plugins = [] }: AppOptions): Promise<FastifyInstance> {
  const app = makeServer({ config: parts.config, log, strict })
  for (const plugin of plugins) plugin(app)

  accountRoutes(app, parts)
  meRoutes(app, parts)
  profileRoutes(app, parts)
  sessionRoutes(app, parts)
  operatorSessionRoutes(app, parts)
  signalRoutes(app, parts)
  clientRoutes(app, parts)
  closingRoutes(app, parts)
  reactivationRoutes(app, parts)
  anonymisationRoutes(app, parts)
  exportRoutes(app, parts)
  contextRoutes(app, parts)
  for (const face of [companyFace, agencyFace]) {
    organizationRoutes(app, parts, face)
    memberRoutes(app, parts, face)
    removalRoutes(app, parts, face)
    teamRoutes(app, parts, face)
    roleRoutes(app, parts, face)
    ownershipRoutes(app, parts, face)
    historyRoutes(app, parts, face)
    invitationRoutes(app, parts, face)
    bulkInvitationRoutes(app, parts, face)
  }
  agencyRoutes(app, parts)
  inviteeRoutes(app, parts)
  preferenceRoutes(app, parts)
  contractRoutes(app, parts)
  domainRoutes(app, parts)
  conversationRoutes(app, parts)
  joinLinkRoutes(app, parts)
  joinRequestRoutes(app, parts)
  authzenRoutes(app, parts)
  permissionRoutes(app, parts)
  eventRoutes(app, parts)

  for (const face of subjectFaces) enforcementRoutes(app, parts, face)
  enforcementActionRoutes(app, parts)
  appealRoutes(app, parts)

  evidenceRoutes(app, parts)
  ownCaseRoutes(app, parts)
  caseRoutes(app, parts)
  verificationRoutes(app, parts)

  healthRoutes(app, async () => (await parts.db.pipeline.run({ name: 'ready', text: 'select 1 as one' }, [])).length === 1)
  await documentation(app, parts.config.publicUrl)
  problemPages(app, parts.config.publicUrl)
  landingPages(app, { passwordMinLength: parts.config.PASSWORD_MIN_LENGTH })
  homePage(app, { publicUrl: parts.config.publicUrl, mailbox: mailbox !== undefined })
  if (mailbox !== undefined) mailboxPages(app, mailbox)
  return app
}

const icon = new URL('pages/client/icon.svg', import.meta.url)

// The hash is that of the one style sheet which Swagger UI makes itself.
const documentationPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'"
].join('; ')

/** `/openapi.json`, and readable pages with try-it-out at `/docs`; nothing is loaded from another host. */
async function documentation(app: FastifyInstance, publicUrl: string): Promise<void> {
  // Made when somebody first asks for it: a start need not wait for it.
  let made: object | undefined
  const document = (): object => {
    made ??= openApiDocument(app.operations, publicUrl, version)
    return made
  }
  // Everybody may read it, and so nobody with credentials: browsers refuse both at once.
  app.get('/openapi.json', { config: { open: true } }, async (_, reply) =>
    reply.removeHeader('access-control-allow-credentials').header('access-control-allow-origin', '*').send(document())
  )
  await app.register(swagger, { mode: 'static', specification: { document: { toJSON: document } as never } })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: documentationPolicy,
    // Without the bar at the top, which offers to open documents from elsewhere.
    uiConfig: {
      layout: 'BaseLayout',
      docExpansion: 'list',
      deepLinking: true,
      persistAuthorization: false,
      tryItOutEnabled: true,
      defaultModelsExpandDepth: 0
    },
    theme: {
      title: 'Guildhall API',
      favicon: [{ filename: 'icon.svg', rel: 'icon', type: 'image/svg+xml', sizes: 'any', content: readFileSync(icon) }]
    }
  })
}
