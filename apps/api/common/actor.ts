import type { Caller } from './request.js';

/** The part of an audit entry that the caller decides. */
export function actorOf({ orgId, keyId, requestId, ip }: Caller) {
  return {
    orgId,
    actor: { type: 'api-key' as const, id: keyId, via: 'api' },
    requestId,
    ip: ip ?? null,
    changedFields: [] as string[],
  };
}
