import { type Api, typedCalls } from './calls.ts'
import { decisions } from './decisions.ts'
import { type CacheStats, type Local, localAnswers } from './local.ts'
import { type ClientOptions, readOptions, type Settings } from './options.ts'
import { serviceTokens, type Tokens } from './tokens.ts'
import { type Memory, makeTransport } from './transport.ts'

export interface GuildhallClient extends Api, ReturnType<typeof decisions> {
  /**
   * The same client for one piece of work, which remembers what it has changed: everything that it reads and asks after that is no older, and
   * is asked of the service. Make one for each request that you serve.
   */
  session: () => GuildhallClient
  /** How the cache has served, or undefined without one. */
  cacheStats: () => CacheStats | undefined
  /** Closes the stream, so that a process can end. Questions are answered afterwards too. */
  close: () => void
}

/** A client of one Guildhall, for the life of a process: make one, and share it. */
export function createClient(options: ClientOptions): GuildhallClient {
  const settings = readOptions(options)
  const tokens = serviceTokens(settings)
  const local = settings.cache && localAnswers(makeTransport(settings, tokens), settings.cache)
  return clientOf(settings, tokens, local)
}

function clientOf(settings: Settings, tokens: Tokens, local: Local | undefined, memory?: Memory): GuildhallClient {
  const transport = makeTransport(settings, tokens, memory)
  return {
    ...typedCalls(transport),
    ...decisions(transport, local, () => memory?.token !== undefined),
    session: () => clientOf(settings, tokens, local, { token: undefined }),
    cacheStats: () => local?.stats(),
    close: () => local?.close()
  }
}
