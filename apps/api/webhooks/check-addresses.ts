import { setTimeout as delay } from 'node:timers/promises';
import { addressRule } from '../../../connectors/lib/address-rule.js';
import { checkedAddresses, RefusedAddressError } from '../../../connectors/lib/guarded-agent.js';
import { BrikkError, type Violation } from '../../../contracts/errors.js';
import { inWords } from '../common/in-words.js';

const RESOLVE_MS = 1_000;

/**
 * Fails `request.invalid` with every URL that may not be reached, as its host resolves now. Connections are checked again
 * when they are made.
 */
export async function checkAddresses(networks: readonly string[], urls: readonly string[]): Promise<void> {
  const rule = addressRule(networks);
  const reasons = await Promise.all(urls.map((url) => whyRefused(rule, url)));
  const violations = reasons.flatMap((message, index): Violation[] =>
    message === undefined ? [] : [{ path: `urls[${index}]`, message }],
  );
  if (violations.length === 0) return;
  throw new BrikkError('request.invalid', inWords('The endpoint cannot be reached', violations), { violations });
}

async function whyRefused(rule: ReturnType<typeof addressRule>, text: string): Promise<string | undefined> {
  const { hostname, protocol, port } = new URL(text);
  const target = {
    hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
    protocol,
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
  };
  try {
    await Promise.race([checkedAddresses(rule, target), patience()]);
    return undefined;
  } catch (error) {
    // A name that does not resolve yet is nobody's address.
    return error instanceof RefusedAddressError ? error.message : undefined;
  }
}

const patience = () => delay(RESOLVE_MS, undefined, { ref: false });
