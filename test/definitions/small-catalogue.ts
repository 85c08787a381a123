import { parseDuration } from '../../contracts/durations.js';
import type { CatalogueFunction } from '../../workflows/language/checker/check-definition.js';

type Fields = Record<string, unknown>;

/** A catalogue of two functions, so that what is said of them does not change with the real ones. */
export const SMALL_CATALOGUE: { [name: string]: CatalogueFunction } = {
  agent: {
    with: {
      type: 'object',
      properties: { capability: { type: 'string' }, agent: { type: 'string' }, input: {}, outputSchema: {} },
      additionalProperties: false,
    },
    refine(value) {
      const { capability, agent } = value as Fields;
      const hasTarget = capability !== undefined || agent !== undefined;
      return hasTarget ? [] : [{ path: [], message: 'needs capability, agent or both' }];
    },
  },
  market: {
    with: {
      $ref: '#/$defs/Market',
      $defs: {
        Market: {
          type: 'object',
          properties: {
            task: { type: 'object' },
            mechanism: { type: 'string', enum: ['contract-net', 'vickrey', 'english'] },
            minBids: { type: 'integer', minimum: 1 },
            bidDeadline: { anyOf: [{ type: 'string' }, { type: 'object' }] },
            eligible: { type: 'string' },
          },
          required: ['task'],
          additionalProperties: false,
        },
      },
    },
    refine(value) {
      const { bidDeadline } = value as Fields;
      const isRight = typeof bidDeadline !== 'string' || parseDuration(bidDeadline) !== undefined;
      return isRight ? [] : [{ path: ['bidDeadline'], message: 'must be a duration such as PT30S' }];
    },
  },
};
