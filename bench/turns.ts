import type { Measured } from './load.ts'
import type { Comparison } from './results.ts'

/** What is measured beside what, and how. */
export interface Plan extends Omit<Comparison, 'rounds' | 'repeats'> {
  measured: () => Promise<Measured>
  baseline: () => Promise<{ perSecond: number }>
  /** Once before all rounds. */
  warmUp?: () => Promise<void>
  /** Before each round, outside of the measured time: puts back what the round before took away. */
  prepare?: () => Promise<void>
  /** After each round: throws where both did not do the same. */
  verify?: () => Promise<void>
}

export const mostRepeats = 3

/** Both go first in turn, so that a machine that grows slower or busier favours neither. */
export async function takeTurns({ measured, baseline, warmUp, prepare, verify, ...comparison }: Plan, rounds: number): Promise<Comparison> {
  const done: Comparison['rounds'] = []
  let repeats = 0
  await warmUp?.()
  while (done.length < rounds) {
    try {
      await prepare?.()
      const early = done.length % 2 ? await measured() : undefined
      const beside = await baseline()
      const subject = early ?? (await measured())
      await verify?.()
      done.push({ subject, beside })
      const ratio = (subject.perSecond / beside.perSecond).toFixed(2)
      report(`${comparison.subject} ${subject.perSecond.toFixed(0)}/s, ${comparison.beside} ${beside.perSecond.toFixed(0)}/s: ${ratio}`)
    } catch (error) {
      if (error instanceof UnequalWork) throw error
      // A machine that stands still for a while makes the service refuse what waits too long, as it should.
      if (repeats++ === mostRepeats) throw error
      report(`${comparison.subject}: measured again, since it ${(error as Error).message}`)
    }
  }
  return { ...comparison, rounds: done, repeats }
}

/** Service and baseline did not change the same: no figure of theirs can be compared. */
export class UnequalWork extends Error {}

function report(line: string): void {
  process.stderr.write(`${line}\n`)
}
