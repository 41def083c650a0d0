import { type CacheOptions, createClient, type GuildhallClient } from '../../client/src/index.ts'
import type { World } from './world.ts'

/** The client of other services on an instance, without a network between them. */
export function clientOf(
  world: World,
  { clientId, clientSecret }: { clientId: string; clientSecret: string },
  { cache, instance = 0 }: { cache?: CacheOptions; instance?: number } = {}
): GuildhallClient {
  return createClient({
    url: world.config.publicUrl,
    clientId,
    clientSecret,
    retries: 0,
    ...(cache ? { cache } : {}),
    async fetch(input, { method = 'GET', headers, body }) {
      const { pathname, search } = new URL(input)
      const answer = await world.inject(
        {
          method: method as 'GET' | 'POST',
          url: pathname + search,
          headers: Object.fromEntries(new Headers(headers as Record<string, string>)),
          ...(typeof body === 'string' ? { payload: body } : {})
        },
        instance
      )
      const { statusCode: status, body: text } = answer
      return new Response(status === 204 || status === 304 ? null : text, { status, headers: answer.headers as Record<string, string> })
    }
  })
}
