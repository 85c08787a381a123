import { describe, expect, it } from '@jest/globals';
import { hiding, hidingEchoes, secretsOf } from './hide-secrets.js';

describe('hidingEchoes', () => {
  const login = { username: 'ada-lovelace', password: 'correct horse/9' };

  it('takes secrets out of an answer in every form in which a request carries them, names of fields included', () => {
    const hide = hidingEchoes([login]);
    expect(
      hide({
        said: [{ url: '/?p=correct%20horse%2F9', form: 'p=correct+horse%2F9', text: 'so: correct horse/9!' }],
        'correct horse/9': 1,
        count: 3,
        none: null,
      }),
    ).toEqual({ said: [{ url: '/?p=***', form: 'p=***', text: 'so: ***!' }], '***': 1, count: 3, none: null });
  });

  it('leaves names of users, and texts that may stand there by themselves', () => {
    const answer = { user: 'ada-lovelace', mode: 'private', isOpen: true };
    expect(hidingEchoes(['private', { flag: 'true' }])(answer)).toBe(answer);
    expect(hidingEchoes([login])(answer)).toEqual(answer);
    expect(hiding([login])('ada-lovelace may not')).toBe('*** may not');
  });

  it('knows what of a credential is secret: not its kind, its header or whom it names', () => {
    expect(secretsOf({ kind: 'apiKey', header: 'x-api-key', key: 'k' })).toEqual(['k']);
    expect(secretsOf({ kind: 'basic', username: 'ada', password: 'pw' })).toEqual(['pw', 'YWRhOnB3']);
    expect(secretsOf({ kind: 'none' })).toEqual([]);
  });
});
