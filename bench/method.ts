import { availableParallelism } from 'node:os'
import { companies, contractsOf, inviteesOf, largest, readers } from './companies.ts'
import { rampSeconds } from './load.ts'
import { bulk } from './offers.ts'
import { connections } from './traffic.ts'
import { mostRepeats } from './turns.ts'

export interface Measures {
  rounds: number
  seconds: number
  /** People who act in each measurement. */
  groupSize: number
  removals: number
}

/** How it is measured, in words. */
export function method({ rounds, seconds, groupSize, removals }: Measures): string[] {
  return [
    `${rounds} rounds of ${seconds} s each, after ${rampSeconds} s that do not count; what is compared takes turns within a round, first one, then the other.`,
    `${connections} connections, each with its next request when it has the answer to the one before, from a load generator of our own (\`bench/load.ts\`) that shares the ${availableParallelism()} cores with everything else. A round in which any answer has another status than the one due does not count and is measured again, at most ${mostRepeats} times.`,
    'The service is one process, started by `npm start` with its defaults: embedded Postgres with fsync on, worker and metrics on, one log line for each request, to a file. Only for invitations it is started anew with `WORKER=false`.',
    `Every limit has its default. \`TRUST_PROXY=127.0.0.1\` is set, so that each person has an address of their own; ${groupSize} people act in each measurement, among 20 000 accounts.`,
    'Baselines are processes of their own (`bench/baselines.ts`) on the same Postgres with a pool as large as the service has, without logs, and are sent the same headers.',
    "*Select* is Fastify and one prepared `select` by primary key of a row as wide as the account, answered with the account's reply. *argon2id* computes as many hashes at once as there are cores and does nothing else.",
    '*The same SQL* is every statement that the service sends for one such request, prepared, one after another in one transaction on one connection, with a short fixed answer. But for refreshes they are recorded from the application itself before anything is measured, from the look at the session to the audit row; only ids, addresses, hashes and salts are replaced, by new ones wherever each request of the service has new ones. What a rate limit reserves for many requests at once is not among them.',
    `Members: service and baseline change ${companies} companies each, every connection its own, with ${contractsOf} active contracts whose contact is another member; who was removed is put back between the rounds. Changed roles go to and fro between recruiter in the company and hiring manager in a team. After each round the rows that both changed are counted, and the run ends when they are not as many for each request.`,
    `Lists are the first 50 of a company of ${largest.toLocaleString('en').replace(',', ' ')} members, asked for by ${readers} of them; contexts those of ${readers} people who are freelancer, own a company and own an agency.`,
    'Permission queries are asked by eight service clients about 160 members of the large company. Their baselines are Fastify with the same schemas, without authentication: a constant answer, or one prepared `select` by primary key. Three rounds of both sides come before those that count, since much is compiled only once it was used thousands of times. Decisions in batches are counted one by one: once with the action and the resource as defaults of the whole batch, as the standard has it, and once repeated in each question; `decide` runs in the process of the benchmark, beside a fixed figure.',
    `Latency: ${rounds} times the service is asked as much as it can answer, and right after that half as much, each question at its time however long those before take, from when it was due; the load generator's clock ticks once a millisecond, and what it is late counts.`,
    `Removals: ${removals} members, one after another, each after a second process of the service (without worker, on the same database) has kept what it allows them by. From the answer to the removal that process is asked until it refuses; it must have dropped the facts of each. The second time it answers other questions meanwhile, a quarter as many as it can.`,
    `Invitations: owners of ${companies} companies each, with a verified domain, invite addresses that nobody has, one or ${bulk} in a request of JSON; ${companies * inviteesOf} people with an account each accept one invitation a round, by the mailed token. The client makes the addresses for service and baseline alike. Statements that limits send on a connection of their own are part of the request, and of the baseline's transaction. Both write the same mails and jobs, and with the worker off none is sent while anything is measured. Before each round all of that is put away, with what limits have counted: so no limit is met, and each has its default. What both changed is counted here as well, mails and jobs among it.`
  ]
}
