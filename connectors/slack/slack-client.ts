import { LogLevel, WebAPIPlatformError, WebAPIRequestError, WebClient } from '@slack/web-api';
import { BrikkError, type ErrorCode } from '../../contracts/errors.js';
import type { ActionCall } from '../lib/connector-action.js';

const nobody = () => undefined;
const SILENT = {
  debug: nobody,
  info: nobody,
  warn: nobody,
  error: nobody,
  setLevel: nobody,
  getLevel: () => LogLevel.ERROR,
  setName: nobody,
};

/** What Slack says with `ok: false` that is no flaw of the request (docs.slack.dev, errors of the methods). */
const CODES: { readonly [error: string]: ErrorCode } = {
  ...named(
    'connector.auth',
    'invalid_auth not_authed account_inactive token_revoked token_expired user_removed_from_team',
  ),
  ...named(
    'connector.forbidden',
    'missing_scope not_in_channel no_permission access_denied ekm_access_denied restricted_action is_archived ' +
      'not_allowed_token_type org_login_required cant_update_message edit_window_closed cannot_dm_bot user_disabled',
  ),
  ...named(
    'connector.not_found',
    'channel_not_found user_not_found users_not_found message_not_found thread_not_found file_not_found team_not_found',
  ),
  ...named('connector.rate_limited', 'ratelimited rate_limited'),
  ...named(
    'connector.unavailable',
    'internal_error fatal_error service_unavailable request_timeout team_added_to_org external_channel_migrating',
  ),
};

function named(code: ErrorCode, errors: string): { [error: string]: ErrorCode } {
  return Object.fromEntries(errors.split(' ').map((error) => [error, code]));
}

/**
 * Speaks with Slack by its own SDK, which repeats nothing and never waits for a limit. Fails with a BrikkError
 * `connector.…` for what Slack says in an answer of 200; other failures are what the last answer says.
 */
export async function withSlack<T>(call: ActionCall<unknown>, work: (slack: WebClient) => Promise<T>): Promise<T> {
  const slack = new WebClient(undefined, {
    slackApiUrl: `${call.connection.baseUrl}/`,
    fetch: call.fetch as never,
    logger: SILENT,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: call.timeoutMs,
    allowAbsoluteUrls: false,
  });
  try {
    return await work(slack);
  } catch (error) {
    if (error instanceof WebAPIPlatformError) throw platformFailure(error);
    throw error instanceof WebAPIRequestError && error.original instanceof BrikkError ? error.original : error;
  }
}

function platformFailure(error: WebAPIPlatformError): BrikkError {
  const { error: said, response_metadata: more, needed } = error.data as typeof error.data & { needed?: string };
  const details = [needed, ...(more?.messages ?? [])].filter((text) => text !== undefined);
  const message = `Slack says ${said}${details.length > 0 ? `: ${details.join('; ')}` : ''}`;
  return new BrikkError(CODES[said] ?? 'connector.validation', message.slice(0, 1_000), { cause: error });
}
