import { describe, expect, it } from '@jest/globals';
import type { Json } from '../contracts/json.js';
import { checkFunction } from './check-function.js';

describe('a function of a catalogue', () => {
  it('is any task that needs nothing of the definition around it', () =>
    expect(checkFunction({ call: 'agent', with: { capability: 'x', input: '${ .text }' } })).toBeUndefined());

  it.each<[string, Json, RegExp]>([
    ['no task', { hello: 1 }, /it is no task that can be performed: \/hello: /],
    ['jq that cannot be read', { set: { a: '${ .[ }' } }, /\/set\/a: /],
    [
      'a policy of the caller',
      {
        call: 'http',
        with: { method: 'get', endpoint: { uri: 'https://a.example', authentication: { use: 'desk' } } },
      },
      /no authentication "desk"/,
    ],
    [
      'secrets of the caller',
      { call: 'http', with: { method: 'get', endpoint: 'https://a.example', headers: { k: '${ $ secrets.desk }' } } },
      /reads no secrets/,
    ],
    ['functions of the caller', { call: 'mine' }, /no function "mine"/],
  ])('is not %s', (_, task, message) => expect(checkFunction(task)).toMatch(message));
});
