import { describe, expect, it } from '@jest/globals';
import type { Json } from '../../contracts/json.js';
import type { WebhookProvider } from '../../contracts/webhook-sources.js';
import { deliveryIdOf, readDeliveryBody, slackChallenge, wantsSilence } from './read-delivery.js';
import { isSecretHeader } from './signature-schemes.js';

const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
const read = (body: string | Buffer, headers: Record<string, string> = {}) =>
  readDeliveryBody({ headers, body: Buffer.from(body) });

describe('the body of a delivery', () => {
  it('is JSON, whatever its type says, or a form', () => {
    expect(read('{"a": [1]}')).toEqual({ a: [1] });
    expect(read('')).toBeNull();
    expect(read('command=%2Fdeploy&text=now', form)).toEqual({ command: '/deploy', text: 'now' });
    expect(read(`payload=${encodeURIComponent('{"type":"block_actions"}')}`, form)).toEqual({ type: 'block_actions' });
  });

  it('is what its type says, when that is xml, csv or ndjson', () => {
    const as = (type: string) => ({ 'content-type': type });
    expect(read('<order id="7"><line>bolt</line></order>', as('text/xml; charset=utf-8'))).toEqual({
      order: { '@id': '7', line: 'bolt' },
    });
    expect(read('id,on\n7,yes\n', as('text/csv'))).toEqual([{ id: '7', on: 'yes' }]);
    expect(read('{"id":7}\n{"id":8}\n', as('application/x-ndjson'))).toEqual([{ id: 7 }, { id: 8 }]);
    expect(read('a=1&a=2', form)).toEqual({ a: ['1', '2'] });
    expect(read('{"id":7}', as('text/xml'))).toBeUndefined();
    expect(read('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', as('application/xml'))).toBeUndefined();
  });

  it.each([
    ['is half of one', '{"a":'],
    ['is no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ])('cannot be read when it %s', (_, body) => {
    expect(read(body)).toBeUndefined();
  });
});

describe('a delivery', () => {
  const idOf = (provider: WebhookProvider, headers: Record<string, string>, body: Json = null) =>
    deliveryIdOf({ provider, hmac: null }, headers, body);

  it('is named by what its provider signs, else by a header', () => {
    expect(idOf('slack', {}, { event_id: 'Ev1' })).toEqual({ id: 'Ev1', isSigned: true });
    expect(idOf('stripe', {}, { id: 'evt_1' })).toEqual({ id: 'evt_1', isSigned: true });
    expect(idOf('standard', { 'webhook-id': 'm' })).toEqual({ id: 'm', isSigned: true });
    expect(idOf('github', { 'x-github-delivery': 'd' })).toEqual({ id: 'd', isSigned: false });
    expect(idOf('jira', { 'x-atlassian-webhook-identifier': 'j' })).toEqual({ id: 'j', isSigned: false });
    expect([idOf('slack', {}, []), idOf('slack', {}, { event_id: 1 }), idOf('github', {})]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("may be Slack's question whether we are there", () => {
    const asked = { type: 'url_verification', challenge: 'c' };
    expect(slackChallenge({ provider: 'slack' }, asked)).toBe('c');
    expect(slackChallenge({ provider: 'github' }, asked)).toBeUndefined();
    expect(slackChallenge({ provider: 'slack' }, { type: 'event_callback' })).toBeUndefined();
    expect([wantsSilence({ provider: 'slack' }, form), wantsSilence({ provider: 'github' }, form)]).toEqual([
      true,
      false,
    ]);
  });

  it('keeps no header that lets somebody in', () => {
    const names = ['authorization', 'cookie', 'x-hub-signature-256', 'x-gitlab-token', 'x-api-key', 'x-shop-secret'];
    expect(names.filter(isSecretHeader)).toEqual(names);
    expect(['x-github-event', 'content-type', 'user-agent'].filter(isSecretHeader)).toEqual([]);
  });
});
