import type { Callbacks, PendingCalls } from '../../activities/dependencies.js';
import type { CallbackKeys } from '../../database/callback-keys.js';
import { signCallbackToken } from '../../database/callback-token.js';
import type { Database } from '../../database/database.js';
import { findPendingCalls, openPendingCall } from '../../database/pending-calls.js';

/** Where agents post answers that come later; undefined when nobody has said where the API can be reached. */
export function callbacks(keys: CallbackKeys, publicUrl: string | undefined): Callbacks | undefined {
  if (publicUrl === undefined) return undefined;
  const base = `${publicUrl.replace(/\/+$/, '')}/v1/calls/`;
  return {
    prepare: (orgId) => (keys.known(orgId) ? undefined : keys.make(orgId).then(() => undefined)),
    urlFor(attempt) {
      const key = keys.known(attempt.orgId);
      return key && base + signCallbackToken(key, attempt);
    },
  };
}

/** Calls that are answered later, as the activities see them. */
export const pendingCalls = (database: Database): PendingCalls => ({
  open: (run, call) => openPendingCall(database, run, call),
  find: (run, keys) => findPendingCalls(database, run, keys),
});
