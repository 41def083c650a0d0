import type { GuildhallClient } from './client.ts'
import { check, type Guard } from './guard.ts'

export type { Guard } from './guard.ts'

interface FastifyReplyLike {
  code: (status: number) => unknown
  headers: (values: Record<string, string>) => unknown
  send: (body: unknown) => unknown
  log?: { warn: (bindings: object, message: string) => void }
}

/** A Fastify `preHandler` that lets pass who may. */
export function guildhallGuard<Request>(client: Pick<GuildhallClient, 'may'>, guard: Guard<Request>) {
  return async function preHandler(request: Request, reply: FastifyReplyLike): Promise<unknown> {
    const refused = await check(client, guard, request)
    if (!refused) return undefined
    if (refused.cause) reply.log?.warn({ err: refused.cause }, 'no answer from Guildhall')
    reply.code(refused.status)
    reply.headers(refused.headers)
    reply.send(JSON.stringify(refused.body))
    return reply
  }
}
