import type { Crowd } from './crowd.ts'
import type { Carried } from './plans.ts'
import { type Comparison, machine, median, ratiosOf, spread } from './results.ts'
import { connections } from './traffic.ts'

/** The statement of the facts, carried out once. */
export interface Explained extends Carried {
  memberships: number
  /** Questions in it. */
  asked: number
  plan: string
}

export interface ScaleResults {
  comparison: Comparison
  /** The share of questions whose facts were kept, among few and among many. */
  found: number[]
  explained: Explained[]
  postgres: string
  few: Crowd
  many: Crowd
  seconds: number
  kept: number
  ownShare: number
}

/** What was not reached, in words. */
export function scaleMisses({ comparison, explained, many }: ScaleResults): string[] {
  const slow = median(ratiosOf(comparison)) < comparison.least! ? [`under ${comparison.least} of the throughput`] : []
  // Among few a table is a page or two, and looked through sooner than an index.
  const unindexed = explained
    .filter(({ memberships }) => memberships === many.memberships)
    .flatMap(({ asked, plan, faults }) => faults.map((fault) => `${asked} asked, ${plan} plan: ${fault}`))
  return [...slow, ...unindexed]
}

/** The results as a page in Markdown. */
export function scalePage(results: ScaleResults): string {
  const { comparison, found, explained, postgres, few, many, seconds, kept, ownShare } = results
  const missed = scaleMisses(results)
  const { rounds, repeats } = comparison
  const ratios = ratiosOf(comparison)
  const middle = (pick: (round: Comparison['rounds'][number]) => number, digits = 0): string => median(rounds.map(pick)).toFixed(digits)
  const generic = explained.find(({ memberships, asked, plan }) => memberships === many.memberships && asked === 1 && plan === 'generic')!
  return `# Permission queries among many memberships

\`npm run bench:queries-scale\`, ${new Date().toISOString().slice(0, 10)}: ${missed.length === 0 ? 'all bounds reached' : `**missed**: ${missed.join('; ')}`}. Among ${count(many.memberships)} memberships a service answers
**${median(ratios).toFixed(2)}** times as many questions a second as among ${count(few.memberships)}: at least ${comparison.least} is asked for.

| accounts | companies | memberships | questions a second | answered from what is kept |
|---|---|---|---|---|
| ${count(few.accounts)} | ${count(few.companies)} | ${count(few.memberships)} | ${middle(({ beside }) => beside.perSecond)} | ${percent(found[0]!)} |
| ${count(many.accounts)} | ${count(many.companies)} | ${count(many.memberships)} | ${middle(({ subject }) => subject.perSecond)} | ${percent(found[1]!)} |

Ratios of the rounds: ${spread(ratios)}. Among many a question takes ${middle(({ subject }) => subject.median, 1)} ms in the median, p99 ${middle(({ subject }) => subject.p99, 1)} ms.

- ${rounds.length} rounds of ${seconds} s, both services in turns and each first as often as the other, at ${connections} connections, each with its next question when it has the answer to the
  one before. Rounds that were measured again, since something was refused: ${repeats}. Before them both answer for ${2 * seconds} s what does not count.
- Two services, each started by \`npm start\` with an embedded Postgres of its own and all defaults but \`FACT_CACHE_ENTRIES=${kept}\`: few enough on both sides that next to
  nothing is found there. ${percent(ownShare)} of the questions are about a random member and the company, the others about a member of others and that company; each answer is
  compared with the one due. Eight service clients ask, so that no limit is met.
- In each company one of twenty members is the owner, one administers, the others recruit, hire in one team, are plain members of the other, hold a role of the company's own
  or none; each account is in two companies. Agencies, contracts, conversations, profiles and second factors are there as well.

## How facts are looked up

The statement that reads them (\`src/access/facts-statement.ts\`), for one question about a company and for a hundred of every kind, by the plan that Postgres makes once for any values and
by the one for these: ${missed.some((miss) => miss.includes('plan:')) ? '**not by indexes alone**' : 'by indexes alone'} among ${count(many.memberships)}. Carried out a second time, as superuser.

| memberships | questions | plan | pages | of them at hand | planning ms | execution ms |
|---|---|---|---|---|---|---|
${explained.map(explainedLine).join('\n')}

What is looked at for one question, among ${count(many.memberships)}, by the plan for any values${alike(explained, many) ? '; the other plans there look at the same' : '; **other plans look at others**'}:

${[...Map.groupBy(generic.looks, (look) => look)].map(([look, { length }]) => `- ${look}${length > 1 ? `, ${length} times` : ''}`).join('\n')}

${machine(postgres)}
`
}

const alike = (explained: readonly Explained[], { memberships }: Crowd): boolean =>
  new Set(explained.filter((each) => each.memberships === memberships).map(({ looks }) => looks.toSorted().join())).size === 1

function explainedLine({ memberships, asked, plan, pages, atHand, planningMs, executionMs }: Explained): string {
  return `| ${[count(memberships), asked, plan, pages, atHand, planningMs.toFixed(2), executionMs.toFixed(2)].join(' | ')} |`
}

const count = (number: number): string => number.toLocaleString('en').replaceAll(',', ' ')

const percent = (share: number): string => `${Number((100 * share).toFixed(2))} %`
