import { BrikkError } from '../../contracts/errors.js';
import type { AddressRule } from './address-rule.js';
import type { ActionCall } from './connector-action.js';
import { checkedAddresses, RefusedAddressError } from './guarded-agent.js';

/** Names of systems that do not speak HTTP, by the same rule; their ports are their own. */
export function resolveBy(rule: AddressRule): ActionCall<unknown>['resolve'] {
  return async (hostname, isEncrypted) => {
    try {
      const protocol = isEncrypted ? 'https:' : 'http:';
      const [address] = await checkedAddresses(rule, { hostname, protocol, port: 443 });
      if (address !== undefined) return address;
    } catch (cause) {
      if (cause instanceof RefusedAddressError) throw new BrikkError('connector.forbidden', cause.message, { cause });
    }
    throw new BrikkError('connector.unavailable', `${hostname} has no address`);
  };
}
