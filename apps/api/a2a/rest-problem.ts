import { restStatusFor, toRestErrorBody } from '@a2a-js/sdk/errors';
import { BrikkError, ERRORS } from '../../../contracts/errors.js';
import { toA2aError } from './a2a-errors.js';

/** google.rpc.Code of what HTTP says before the protocol has a word for it. */
const STATUS_NAMES: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  406: 'INVALID_ARGUMENT',
  413: 'RESOURCE_EXHAUSTED',
  415: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
};

/** A failure as google.rpc.Status in JSON (A2A 1.0, 11.6). */
export function restProblem(error: unknown): { status: number; body: object } {
  const known = error instanceof BrikkError ? ERRORS[error.code].status : undefined;
  const name = known === undefined ? undefined : STATUS_NAMES[known];
  if (!(error instanceof BrikkError) || known === undefined || name === undefined) {
    const named = toA2aError(error);
    const status = restStatusFor(named);
    return { status, body: toRestErrorBody(named, status) };
  }
  const { code, message } = error;
  const reason = code.toUpperCase().replaceAll('.', '_');
  const details = [
    { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'brikk.dev', metadata: { code } },
  ];
  return { status: known, body: { error: { code: known, status: name, message, details } } };
}
