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

  it.each([0, 1, 2, 3, 4])('knows them in base64, alone and after %i other bytes, in either alphabet', (before) => {
    const secret = 'Zürich>>>???~~~';
    const hide = hidingEchoes([secret]);
    for (const encoding of ['base64', 'base64url'] as const) {
      expect(hide(Buffer.from(secret).toString(encoding))).toBe('***');
      const echoed = Buffer.from(`${'x'.repeat(before)}${secret}, he said`).toString(encoding);
      const shown = hide(`got ${echoed}`) as string;
      expect(shown).toContain('***');
      // What is left has at either end no more than the bits that share a digit with a neighbour.
      const [head, tail, ...more] = shown.replace(/^got /, '').split('***') as [string, string];
      expect(more).toEqual([]);
      expect(echoed.startsWith(head) && echoed.endsWith(tail)).toBe(true);
      expect(head.length).toBe(Math.ceil((before * 8) / 6));
      const end = before + Buffer.from(secret).length;
      expect(tail.length).toBe(echoed.length - Math.floor((end * 8) / 6));
    }
    expect(hide(Buffer.from(`${secret.slice(0, -1)}!`).toString('base64'))).not.toContain('***');
  });

  it('knows them percent-encoded in lower case', () => {
    expect(hidingEchoes([login])('/?p=correct%20horse%2f9&p=correct+horse%2f9')).toBe('/?p=***&p=***');
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
