import { askers, evaluation, question } from './asking.ts'
import type { Organizations } from './companies.ts'
import { load, requestText, type Traffic } from './load.ts'
import { paced } from './pace.ts'
import type { ServiceProcess } from './processes.ts'
import { refusals } from './refusals.ts'
import type { Latency } from './results.ts'
import type { Person } from './seed.ts'
import { connections, turns } from './traffic.ts'

export interface LatencyPlan extends Omit<Latency, 'times'> {
  measure: () => Promise<number[]>
}

export interface LatencyPlans {
  organizations: Organizations
  tokenOf: (person: Person) => string
  /** The database as superuser. */
  url: string
  service: ServiceProcess
  /** Starts another process of the service on the same database. */
  startSecond: () => Promise<ServiceProcess>
  rounds: number
  seconds: number
  removals: number
}

/** How long single questions take while many are asked, and how long after a removal another process still allows. */
export function latencyPlans(bench: LatencyPlans): LatencyPlan[] {
  const { organizations, tokenOf, url, service, startSecond, rounds, seconds, removals } = bench
  async function atHalfLoad(): Promise<number[]> {
    const asked = await questions(service, bench)
    const times: number[] = []
    for (let round = 0; round < rounds; round++) {
      const most = await load(service.port, asked(), seconds, connections)
      times.push(...(await paced(service.port, asked(), most.perSecond / 2, seconds, connections)))
    }
    return times
  }
  const afterRemovals = (busy: boolean) => async (): Promise<number[]> => {
    const second = await startSecond()
    const finish = busy ? await keepBusy(second, bench) : async () => undefined
    try {
      return await refusals({ organizations, tokenOf, url, remover: service, refuser: second, removals })
    } finally {
      await finish()
      await second.stop()
    }
  }
  const refusal = 'refusal in another process after a removal'
  return [
    { subject: 'permission query, facts kept, at half of the most', below: 5, measure: atHalfLoad },
    { subject: refusal, below: 50, measure: afterRemovals(false) },
    { subject: `${refusal}, at a quarter of the most`, below: 50, measure: afterRemovals(true) }
  ]
}

/** Questions about so few members that their facts are kept after the ramp. */
async function questions({ port }: ServiceProcess, { organizations: { large }, url }: LatencyPlans): Promise<() => Traffic> {
  const headers = await askers(port, url)
  const requests = large.members
    .slice(0, 160)
    .map(({ accountId }, index) => requestText('POST', evaluation, headers[index % headers.length]!, question(accountId, large.id)))
  return () => ({ status: 200, request: turns(requests) })
}

/** Asks a process a quarter of what it can answer, until it is told to finish. */
async function keepBusy(process: ServiceProcess, bench: LatencyPlans): Promise<() => Promise<void>> {
  const asked = await questions(process, bench)
  const most = await load(process.port, asked(), bench.seconds, connections)
  let wanted = true
  const asking = (async () => {
    while (wanted) await paced(process.port, asked(), most.perSecond / 4, 2, connections)
  })()
  // Looked at when it is finished.
  asking.catch(() => undefined)
  return () => {
    wanted = false
    return asking
  }
}
