/**
 * A value at hand, or one that has to be waited for. The engine keeps a stack trace of every promise that a workflow
 * makes, some 25 µs each: thousands of values that are at hand are not wrapped in promises.
 */
export type Soon<T> = T | Promise<T>;

/** What `work` makes of the value, at once when it is at hand. */
export function whenKnown<T, Result>(value: Soon<T>, work: (value: T) => Soon<Result>): Soon<Result> {
  return value instanceof Promise ? value.then(work) : work(value);
}

/** All of the values, in order. */
export function allKnown<T>(values: Soon<T>[]): Soon<T[]> {
  return values.some((value) => value instanceof Promise) ? Promise.all(values) : (values as T[]);
}
