import { describe, expect, it } from '@jest/globals';
import { cloudEventSchema, NOT_RESERVED, plainEventSchema } from './event-bus.js';
import { webhookRouteSchema } from './webhook-routes.js';

describe.each(['a2a.task.1', 'io.serverlessworkflow.task.started.v1'])('events of the type %s', (type) => {
  it.each([
    ['published in few words', plainEventSchema, { type }],
    ['published as CloudEvents', cloudEventSchema, { specversion: '1.0', id: '1', source: '/shop', type }],
    ['made by a route of a webhook source', webhookRouteSchema, { action: 'event', type }],
  ])('are Brikk’s alone, and refused where they are %s', (_, schema, event) => {
    const { error } = schema.safeParse(event);
    expect(error?.issues).toMatchObject([{ path: ['type'], message: NOT_RESERVED }]);
    expect(schema.safeParse({ ...event, type: `shop.${type}` }).success).toBe(true);
  });
});
