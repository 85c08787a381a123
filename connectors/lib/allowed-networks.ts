import { z } from 'zod';
import { addressRule, LOOPBACK_NETWORKS } from './address-rule.js';

/** `BRIKK_AGENT_NETWORKS`: networks beside the public ones to which requests may go. */
export const networksSchema = z
  .string()
  .default('')
  .transform((text) => text.split(',').flatMap((entry) => entry.trim() || []))
  .refine(
    (entries) => {
      try {
        addressRule(entries);
        return true;
      } catch {
        return false;
      }
    },
    { message: 'must be networks such as 10.0.0.0/8,fd00::/8' },
  );

/** Those of the operator; in development loopback besides. */
export const allowedNetworks = (environment: 'development' | 'production', given: readonly string[]): string[] => [
  ...(environment === 'development' ? LOOPBACK_NETWORKS : []),
  ...given,
];
