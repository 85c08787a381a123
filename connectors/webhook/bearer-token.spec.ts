import { describe, expect, it } from '@jest/globals';
import { SignJWT, UnsecuredJWT } from 'jose';
import { bearerHeaders, isBearerVerified } from './bearer-token.js';

const NOW = 1_700_000_000_000;
const AT = NOW / 1_000;
const SECRET = 'the-secret-of-an-app-of-jira-cloud-32';
const terms = { secrets: [SECRET, 'the-one-before-it'], toleranceMs: 10_000 };
const body = Buffer.from('{}');
const verify = (authorization: string | undefined, now = NOW) =>
  isBearerVerified(terms, { headers: { authorization }, body }, now);
const tokenOf = (secret: string, alg = 'HS256', claims: { iat?: number; exp?: number } = { iat: AT, exp: AT + 180 }) =>
  new SignJWT(claims).setProtectedHeader({ alg }).sign(Buffer.from(secret));

describe('the token of an app', () => {
  it('lets in what one of the secrets has signed, until its time is over', async () => {
    const headers = await bearerHeaders(SECRET, { id: 'j1', timestamp: String(AT) });
    expect(headers['x-atlassian-webhook-identifier']).toBe('j1');
    expect(await verify(headers['authorization'])).toBe(true);
    expect(await verify(`bearer ${await tokenOf('the-one-before-it')}`)).toBe(true);
    expect(await verify(headers['authorization'], NOW + 189_000)).toBe(true);
    expect(await verify(headers['authorization'], NOW + 191_000)).toBe(false);
    expect(await verify(headers['authorization'], NOW - 11_000)).toBe(false);
  });

  it('is refused without a signature, with another algorithm, key or time', async () => {
    const long = 'x'.repeat(64);
    const refused = [
      undefined,
      '',
      await tokenOf(SECRET),
      `Bearer ${await tokenOf('another-secret')}`,
      `Bearer ${new UnsecuredJWT({ iat: AT, exp: AT + 180 }).encode()}`,
      `Bearer ${await tokenOf(SECRET, 'HS256', { iat: AT })}`,
      `Bearer ${await tokenOf(SECRET, 'HS256', { exp: AT + 180 })}`,
    ];
    for (const authorization of refused) expect(await verify(authorization)).toBe(false);
    const other = await new SignJWT({ iat: AT, exp: AT + 180 })
      .setProtectedHeader({ alg: 'HS512' })
      .sign(Buffer.from(long));
    const known = { secrets: [long], toleranceMs: 10_000 };
    expect(await isBearerVerified(known, { headers: { authorization: `Bearer ${other}` }, body }, NOW)).toBe(false);
  });
});
