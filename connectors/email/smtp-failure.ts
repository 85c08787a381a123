import { BrikkError, type ErrorCode } from '../../contracts/errors.js';

/** What a mail server says: 4xx may pass, 5xx does not (RFC 5321, 4.2.1). */
export function smtpFailure(error: unknown, host: string): BrikkError {
  if (error instanceof BrikkError) return error;
  const { code, responseCode, message } = error as { code?: string; responseCode?: number; message?: string };
  const said = responseCode === undefined ? (message ?? 'it failed') : `it answered ${responseCode}`;
  return new BrikkError(codeOf(code, responseCode), `${host}: ${said}`, { cause: error });
}

/** What never came as far as an answer. */
const UNSENDABLE = new Set(['EENVELOPE', 'EMESSAGE', 'ECONFIG', 'EFILEACCESS', 'EURLACCESS']);

function codeOf(code: string | undefined, responseCode: number | undefined): ErrorCode {
  if (responseCode !== undefined && responseCode >= 400 && responseCode < 500) return 'connector.unavailable';
  if (code === 'EAUTH' || responseCode === 530 || responseCode === 535) return 'connector.auth';
  if (responseCode !== undefined && responseCode >= 500) return 'connector.validation';
  return code !== undefined && UNSENDABLE.has(code) ? 'connector.validation' : 'connector.unavailable';
}
