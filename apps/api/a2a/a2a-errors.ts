import { A2AError, RequestMalformedError, TaskNotFoundError, UnsupportedOperationError } from '@a2a-js/sdk/errors';
import { BrikkError, ERRORS } from '../../../contracts/errors.js';

/** Our failures in the words of A2A, the fields that are wrong in its metadata; what nobody planned says nothing of its cause. */
export function toA2aError(error: unknown): A2AError {
  if (error instanceof A2AError) return error;
  if (!(error instanceof BrikkError))
    return new A2AError({ message: 'Something failed on our side; the log has the request id', cause: error });
  const { code, message, violations = [] } = error;
  const fields = Object.fromEntries(violations.map((violation) => [violation.path, violation.message]));
  const said = code === 'idempotency.conflict' ? 'This messageId was used with another message' : message;
  const options = { message: said, metadata: { ...fields, code }, cause: error };
  if (code === 'run.not_found') return new TaskNotFoundError(options);
  if (code === 'run.finished' || code === 'approval.closed') return new UnsupportedOperationError(options);
  return ERRORS[code].status < 500 ? new RequestMalformedError(options) : new A2AError(options);
}
