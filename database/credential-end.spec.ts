import { describe, expect, it } from '@jest/globals';
import { TEST_AUTHORITY, TEST_CLIENT } from '../test/support/certificates.js';
import { endOfCredential, warningsOf } from './credential-end.js';

const DAY_MS = 86_400_000;
const END_OF_TEST_CLIENT = '2126-10-29T12:31:09.000Z';

describe('the end of a credential', () => {
  const mtls = { kind: 'mtls' as const, certificate: TEST_CLIENT.certificate, key: TEST_CLIENT.key };

  it('is that of the first of its certificates that ends', () => {
    expect(endOfCredential(mtls)?.toISOString()).toBe(END_OF_TEST_CLIENT);
    const chain = { ...mtls, certificate: `${mtls.certificate}\n${TEST_AUTHORITY}` };
    expect(endOfCredential(chain)?.toISOString()).toBe('2126-10-29T12:31:08.000Z');
  });

  it('is what was said, unless its certificate ends before', () => {
    const bearer = { kind: 'bearer' as const, token: 't' };
    expect(endOfCredential(bearer)).toBeNull();
    expect(endOfCredential(bearer, '2027-01-01T00:00:00Z')?.toISOString()).toBe('2027-01-01T00:00:00.000Z');
    expect(endOfCredential(mtls, '2200-01-01T00:00:00Z')?.toISOString()).toBe(END_OF_TEST_CLIENT);
  });

  it('is warned of 30, 7 and 1 days before, each once, and once alone for a credential that ends soon', () => {
    const now = Date.parse('2026-12-01T00:00:00Z');
    const after = (days: number) => new Date(now + days * DAY_MS);
    const at = (left: number) => {
      const { days, nextAt } = warningsOf(after(left), now);
      return { days, next: nextAt && (nextAt.getTime() - now) / DAY_MS };
    };
    expect(at(40)).toEqual({ days: undefined, next: 10 });
    expect(at(30)).toEqual({ days: 30, next: 23 });
    expect(at(7)).toEqual({ days: 7, next: 6 });
    expect(at(5)).toEqual({ days: 7, next: 4 });
    expect([at(1), at(-1)]).toEqual([
      { days: 1, next: null },
      { days: 1, next: null },
    ]);
  });
});
