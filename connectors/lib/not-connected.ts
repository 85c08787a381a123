/** Nothing reached the other side: another one can be asked at once. */
export const NOT_CONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);
/** A handshake that failed, as Node.js names it. */
export const HANDSHAKE = /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|ERR_OSSL|EPROTO)/;

/** Whether there was no connection, so that nothing of a request was sent. */
export function isNotConnected(error: unknown): boolean {
  const code = codeIn(error) ?? '';
  return NOT_CONNECTED.has(code) || HANDSHAKE.test(code);
}

/** What Node.js calls it, also where it is the cause of another failure. */
export function codeIn(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return typeof code === 'string' ? code : codeIn(cause);
}
