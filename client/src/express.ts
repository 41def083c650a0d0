import type { GuildhallClient } from './client.ts'
import { check, type Guard } from './guard.ts'

export type { Guard } from './guard.ts'

interface ExpressResponseLike {
  status: (status: number) => unknown
  set: (headers: Record<string, string>) => unknown
  send: (body: string) => unknown
}

/** An Express middleware that lets pass who may. */
export function guildhallGuard<Request>(client: Pick<GuildhallClient, 'may'>, guard: Guard<Request>) {
  return function middleware(request: Request, response: ExpressResponseLike, next: (error?: unknown) => void): void {
    check(client, guard, request).then((refused) => {
      if (!refused) return next()
      response.status(refused.status)
      response.set(refused.headers)
      response.send(JSON.stringify(refused.body))
    }, next)
  }
}
