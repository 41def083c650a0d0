import { Resolver } from 'node:dns/promises'
import { refuse } from '../problems.ts'

/** What proofs of domains ask the DNS. */
export interface Dns {
  /**
   * The TXT records at a name, the chunks of each joined; undefined when there is none. What could not be found out is never taken for none.
   * @throws dns_unavailable
   */
  txt: (name: string) => Promise<string[] | undefined>
}

export interface DnsOptions {
  /** The machine's own without. */
  servers?: readonly string[] | undefined
  /** Of one try at one server. */
  timeoutMs?: number
  /** Of all tries together: shorter than a request may take. */
  deadlineMs?: number
}

const tries = 2
/** What says that there is no such record: the name, or the record at it, does not exist, or can have no form in the DNS. */
const absent = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME'])

/** @throws when a server is no IP address */
export function dnsResolver({ servers, timeoutMs = 3000, deadlineMs = 8000 }: DnsOptions): Dns {
  // One for each look-up: an answer is never another one's, and giving up one gives up no other.
  const resolver = (): Resolver => {
    const made = new Resolver({ timeout: timeoutMs, tries })
    if (servers) made.setServers(servers)
    return made
  }
  resolver()
  return {
    async txt(name) {
      const one = resolver()
      const deadline = setTimeout(() => one.cancel(), deadlineMs)
      try {
        return (await one.resolveTxt(name)).map((chunks) => chunks.join(''))
      } catch (error) {
        if (absent.has((error as { code?: string }).code ?? '')) return undefined
        throw refuse('dns_unavailable', { retryAfter: 30 })
      } finally {
        clearTimeout(deadline)
      }
    }
  }
}
