/** A request that must be refused, and how. */
export interface Wrong {
  what: string;
  method?: 'get' | 'post' | 'put' | 'delete' | 'patch';
  path?: string;
  /** Sent as it is when a string or bytes. */
  body?: unknown;
  headers?: Record<string, string>;
  status: number;
  code: string;
  /** Where the first violation is. */
  at?: string;
  didYouMean?: string;
  /** What the detail says, where that matters. */
  says?: RegExp;
}

/** A run of one agent call. */
export const agentRun = (extra: object = {}, more: object = {}) => ({
  pattern: 'agent',
  with: { capability: 'a', ...extra },
  ...more,
});

export const raw = (text: string, says: RegExp): Pick<Wrong, 'body' | 'status' | 'code' | 'says'> => ({
  body: text,
  status: 400,
  code: 'request.invalid_json',
  says,
});
export const invalid = (
  body: unknown,
  at: string,
  didYouMean?: string,
): Pick<Wrong, 'body' | 'status' | 'code' | 'at' | 'didYouMean'> => ({
  body,
  status: 422,
  code: 'request.invalid',
  at,
  ...(didYouMean ? { didYouMean } : {}),
});
/** A look-up that finds nothing. */
export const missing = (
  what: string,
  path: string,
  code: string,
  method: Wrong['method'] = 'get',
  body?: unknown,
): Wrong => ({
  what,
  method,
  path,
  status: 404,
  code,
  ...(body === undefined ? {} : { body }),
});
