import { isAllowed } from '../../../contracts/permissions.js';
import type { Holder } from '../../../database/leases.repository.js';
import type { Caller } from '../common/request.js';

/** The caller as one who holds leases or waits for them. */
export const holderOf = (caller: Caller): Holder => ({
  keyId: caller.keyId,
  isOperator: isAllowed(caller, 'resource:write'),
});
