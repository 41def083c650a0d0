/**
 * What is mostly there already, and only sometimes has to be waited for. To await it anyway would cost a turn of the queue each time. Whoever answers one may
 * also fail at once: `await` in a `try` catches both, `catch` of a promise does not.
 */
export type Soon<Value> = Value | Promise<Value>

/** Goes on with it, at once where it is there. */
export const after = <Value, Next>(soon: Soon<Value>, next: (value: Value) => Soon<Next>): Soon<Next> =>
  soon instanceof Promise ? soon.then(next) : next(soon)

/** Tells a callback when it is there, or why it never will be. */
export function tell(soon: Soon<unknown>, done: (error?: Error) => void): void {
  if (soon instanceof Promise) soon.then(() => done(), done)
  else done()
}
