import { describe, expect, it } from '@jest/globals';
import { webhookRouteSchema } from '../contracts/webhook-routes.js';
import { routeWebhook } from './webhook-routes.js';

const routed = (routes: object[], body: unknown, headers: Record<string, string> = {}) =>
  routeWebhook({
    id: 'e1',
    source: 'github',
    routes: routes.map((route) => webhookRouteSchema.parse(route)),
    content: { headers, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) },
  });

describe('the routes of a webhook source', () => {
  const start = { action: 'start', workflow: 'support/triage' };

  it('choose by content and headers, in their order', () => {
    const routes = [
      { ...start, when: '$headers["x-github-event"] == "issues" and .action == "opened"' },
      { name: 'rest', action: 'drop', when: '$source == "github" and $id == "e1"' },
      { action: 'event', type: 't' },
    ];
    expect(routed(routes, { action: 'opened' }, { 'x-github-event': 'issues' })).toMatchObject({
      action: 'start',
      route: 0,
    });
    expect(routed(routes, { action: 'closed' }, { 'x-github-event': 'issues' })).toEqual({
      action: 'drop',
      route: 1,
      routeName: 'rest',
    });
    expect(routed(routes.slice(0, 1), {})).toEqual({ action: 'unmatched' });
  });

  it('say what a run is given, and by what it is found', () => {
    const route = { ...start, input: '{n: .issue.number}', correlationId: '.issue.number', labels: { team: 'ops' } };
    expect(routed([route], { issue: { number: 7 } })).toEqual({
      action: 'start',
      target: { workflow: 'support/triage' },
      input: { n: 7 },
      correlationId: '7',
      labels: { team: 'ops' },
      route: 0,
    });
    expect(routed([start], { a: 1 })).toMatchObject({ input: { a: 1 } });
  });

  it('say which run hears what, and what goes to the bus', () => {
    const byId = { action: 'signal', signal: 'note', run: '.run', data: '.text' };
    expect(routed([byId], { run: 'r1', text: 'hi' })).toMatchObject({ run: { id: 'r1' }, data: 'hi' });
    const byCorrelation = { action: 'signal', signal: 'note', correlationId: '"issue-\\(.n)"' };
    expect(routed([byCorrelation], { n: 7 })).toMatchObject({ run: { correlationId: 'issue-7' }, data: { n: 7 } });
    const event = { action: 'event', type: 'shop.paid', data: '.order', orderingKey: '.order.id' };
    expect(routed([event], { order: { id: 'o1' } })).toMatchObject({
      type: 'shop.paid',
      data: { id: 'o1' },
      orderingKey: 'o1',
    });
  });

  it.each([
    ['a body that is no JSON', [start], '{', 'webhook.refused', /neither JSON nor a form/],
    ['a body with U+0000', [start], '"\\u0000"', 'webhook.refused', /U\+0000/],
    [
      'a filter that fails',
      [{ ...start, name: 'n', when: '.a.b' }],
      { a: 'x' },
      'expression.failed',
      /^when of routes\[0\] \(n\): /,
    ],
    ['an input without a value', [{ ...start, input: 'empty' }], {}, 'webhook.refused', /gave no value/],
    ['an input of several values', [{ ...start, input: '1, 2' }], {}, 'webhook.refused', /several values/],
    [
      'a correlation id that is no text',
      [{ ...start, correlationId: '[]' }],
      {},
      'webhook.refused',
      /must give a text/,
    ],
    [
      'event data that is too large',
      [{ action: 'event', type: 't' }],
      'x'.repeat(300_000),
      'webhook.refused',
      undefined,
    ],
    ['an expression without end', [{ ...start, input: '[range(1e9)]' }], {}, 'expression.failed', /budget|limit|steps/],
  ])('refuse %s', (_, routes, body, code, message) => {
    const text = typeof body === 'string' && body.startsWith('x') ? JSON.stringify(body) : body;
    const begun = Date.now();
    let failure: unknown;
    try {
      routed(routes, text);
    } catch (error) {
      failure = error;
    }
    expect(failure).toMatchObject({ code, ...(message && { message: expect.stringMatching(message) }) });
    expect(Date.now() - begun).toBeLessThan(30_000);
  });
});
