import type { Problem, Violation } from '../contracts/errors.js';

/**
 * The API refused a request, or could not be reached. `code` is from the API's error table
 * (`run.not_found`, `request.invalid`, …), `client.unreachable` and `client.timeout` when there was no answer,
 * `client.unexpected_answer` when it was not the API's, `client.no_key` and `client.invalid_url` before anything is sent.
 */
export class BrikkApiError extends Error {
  readonly code: string;
  /** HTTP status; 0 without an answer. */
  readonly status: number;
  /** Every broken rule of the request, when the API names them. */
  readonly violations: Violation[];
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;

  /** @internal */
  constructor(
    problem: Pick<Problem, 'status' | 'detail'> & { code: string; errors?: Violation[]; requestId?: string },
    options: { cause?: unknown; retryAfterMs?: number } = {},
  ) {
    super(problem.detail, { cause: options.cause });
    this.name = 'BrikkApiError';
    this.code = problem.code;
    this.status = problem.status;
    this.violations = problem.errors ?? [];
    this.requestId = problem.requestId;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Reads a failed response: problem details when it has them, otherwise what the status says. */
export async function readProblem(response: Response): Promise<BrikkApiError> {
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'));
  const text = await response.text().catch(() => '');
  return new BrikkApiError(asProblem(text) ?? unnamed(response), { retryAfterMs });
}

/** Milliseconds of a `Retry-After` header: seconds or an HTTP date (RFC 9110 §10.2.3). */
export function parseRetryAfter(header: string | null, now = Date.now()): number | undefined {
  if (!header) return undefined;
  if (/^\d+(\.\d+)?$/.test(header.trim())) return Math.round(Number(header) * 1_000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

function asProblem(text: string): Problem | undefined {
  try {
    const body = JSON.parse(text) as Partial<Problem> | null;
    return typeof body?.code === 'string' && typeof body.detail === 'string' ? (body as Problem) : undefined;
  } catch {
    return undefined;
  }
}

const unnamed = ({ status, statusText, url }: Response) => ({
  status,
  code: 'client.unexpected_answer',
  detail: `${new URL(url).pathname} answered ${status} ${statusText} without problem details`.replace('  ', ' '),
});
