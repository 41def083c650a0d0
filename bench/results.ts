import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { type Measured, percentile } from './load.ts'

/** A subject and what it was measured beside, round by round. */
export interface Comparison {
  subject: string
  beside: string
  rounds: { subject: Measured; beside: { perSecond: number } }[]
  /** Rounds that did not count, because something was refused. */
  repeats: number
  /** The ratio that must be reached. */
  least?: number
}

/** Milliseconds of everything that was timed, and what 99 % of it must be below. */
export interface Latency {
  subject: string
  times: number[]
  below: number
}

export interface Results {
  postgres: string
  method: string[]
  comparisons: Comparison[]
  latencies: Latency[]
  /** Seconds from `npm start` on an existing database until it is ready, each time, and the most it may take. */
  starts: { seconds: number[]; most: number }
}

export const ratiosOf = ({ rounds }: Comparison): number[] => rounds.map(({ subject, beside }) => subject.perSecond / beside.perSecond)

const isLate = ({ times, below }: Latency): boolean => !(percentile(ascending(times), 0.99) < below)

/** What was not reached, in words. */
export function misses({ comparisons, latencies, starts }: Results): string[] {
  const slow = comparisons
    .filter((comparison) => median(ratiosOf(comparison)) < (comparison.least ?? 0))
    .map(({ subject, beside, least }) => `${subject} is under ${least} of ${beside}`)
  const late = latencies.filter(isLate).map(({ subject, below }) => `${subject} is not below ${below} ms`)
  const starting = starts.seconds.some((seconds) => seconds > starts.most) ? [`a start took over ${starts.most} s`] : []
  return [...slow, ...late, ...starting]
}

/** The results as a page in Markdown. */
export function resultsPage(results: Results): string {
  const { postgres, method, comparisons, latencies, starts } = results
  const missed = misses(results)
  return `# Benchmarks

\`npm run bench\`, ${new Date().toISOString().slice(0, 10)}: ${missed.length === 0 ? 'all bounds reached' : `**missed**: ${missed.join('; ')}`}.

${machine(postgres)}

## Throughput

Requests a second, each figure beside its own baseline: the ratio is the median of the rounds, with the lowest and the highest.
Absolute numbers depend on the machine and on what else runs there; the ratios are what is held.

| subject | a second | median, p99 ms | beside | a second | ratio | at least | |
|---|---|---|---|---|---|---|---|
${comparisons.map(throughputLine).join('\n')}

## Latency

Milliseconds of all that was asked, and what 99 % of it must be below.

| subject | asked | median | p99 | most | p99 below | |
|---|---|---|---|---|---|---|
${latencies.map(latencyLine).join('\n')}

## Ready

${starts.seconds.length} times \`npm start\` on an existing database, until \`/health/ready\` answers 200: ${spread(starts.seconds)} s; at most ${starts.most} s: ${starts.seconds.every((seconds) => seconds <= starts.most) ? 'pass' : '**fail**'}.

## Method

${method.map((line) => `- ${line}`).join('\n')}
`
}

/** What it was measured on. */
export const machine = (postgres: string): string => `| machine | |
|---|---|
| processor | ${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores |
| memory | ${Math.round(totalmem() / 2 ** 30)} GiB |
| Node | ${process.version} |
| Postgres | ${postgres} |
| load average at the end | ${loadavg()[0]!.toFixed(1)} |`

function throughputLine(comparison: Comparison): string {
  const { subject, beside, rounds, repeats, least } = comparison
  const ratios = ratiosOf(comparison)
  const of = (pick: (round: Comparison['rounds'][number]) => number): number => median(rounds.map(pick))
  const cells = [
    repeats ? `${subject} (${repeats} rounds again)` : subject,
    Math.round(of((round) => round.subject.perSecond)),
    `${of((round) => round.subject.median).toFixed(1)}, ${of((round) => round.subject.p99).toFixed(1)}`,
    beside,
    Math.round(of((round) => round.beside.perSecond)),
    spread(ratios),
    least?.toFixed(2) ?? '–',
    least === undefined ? '' : median(ratios) >= least ? 'pass' : '**fail**'
  ]
  return `| ${cells.join(' | ')} |`
}

export function latencyLine(latency: Latency): string {
  const times = ascending(latency.times)
  const shares = [0.5, 0.99, 1].map((share) => percentile(times, share).toFixed(1))
  return `| ${[latency.subject, times.length, ...shares, latency.below, isLate(latency) ? '**fail**' : 'pass'].join(' | ')} |`
}

const ascending = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b)

export const spread = (values: number[]): string =>
  `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)}–${Math.max(...values).toFixed(2)})`

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
