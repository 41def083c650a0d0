/** What is in the way, and the call that clears it. */
export interface Blocker {
  code: string
  resource: string
  label: string
  resolve: { method: string; href: string; body?: unknown }
}

/** A problem as the service writes it (RFC 9457). */
export interface ProblemBody {
  type?: string
  title?: string
  status: number
  detail?: string
  instance?: string
  code: string
  requestId?: string
  errors?: Array<{ pointer: string; message: string }>
  blockers?: Blocker[]
  missingPermissions?: string[]
  [extension: string]: unknown
}

/** The service has answered, and refused. Programs decide by `code`, which is stable. */
export class GuildhallProblem extends Error {
  override readonly name = 'GuildhallProblem'
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly errors: Array<{ pointer: string; message: string }>
  readonly blockers: Blocker[]
  readonly missingPermissions: string[]
  readonly requestId: string | undefined
  /** Milliseconds that the service asks to wait for. */
  readonly retryAfterMs: number | undefined
  /** All of it. */
  readonly problem: ProblemBody

  constructor(problem: ProblemBody, retryAfterMs?: number) {
    super(`${problem.code} (${problem.status}): ${problem.detail ?? problem.title ?? 'no detail'}`)
    this.status = problem.status
    this.code = problem.code
    this.title = problem.title ?? problem.code
    this.detail = problem.detail ?? ''
    this.errors = problem.errors ?? []
    this.blockers = problem.blockers ?? []
    this.missingPermissions = problem.missingPermissions ?? []
    this.requestId = problem.requestId
    this.retryAfterMs = retryAfterMs
    this.problem = problem
  }
}

/** No answer came: the network failed, or it took too long. Whether the request had an effect is not known. */
export class GuildhallUnreachable extends Error {
  override readonly name = 'GuildhallUnreachable'
  readonly code: 'unreachable' | 'timeout'
  readonly requestId: string | undefined

  constructor(code: 'unreachable' | 'timeout', message: string, options: { cause?: unknown; requestId?: string | undefined } = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.requestId = options.requestId
  }
}

/** Reads a refusal: a problem, an OAuth error (RFC 6749), or what something between here and the service has answered. */
export async function problemOf(response: Response): Promise<GuildhallProblem> {
  const text = await response.text()
  const body = parsed(text)
  const requestId = response.headers.get('x-request-id') ?? undefined
  const retryAfterMs = readRetryAfter(response.headers.get('retry-after'))
  if (typeof body?.code === 'string')
    return new GuildhallProblem({ ...(requestId ? { requestId } : {}), ...body, status: response.status } as ProblemBody, retryAfterMs)
  const code = typeof body?.error === 'string' ? body.error : `http_${response.status}`
  const detail = typeof body?.error_description === 'string' ? body.error_description : text.slice(0, 200)
  return new GuildhallProblem({ status: response.status, code, detail, ...(requestId ? { requestId } : {}) }, retryAfterMs)
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** `Retry-After` in milliseconds: seconds or a date (RFC 9110). */
export function readRetryAfter(header: string | null, now: number = Date.now()): number | undefined {
  if (!header) return undefined
  if (/^\d+$/.test(header)) return Number(header) * 1000
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(at - now, 0)
}
