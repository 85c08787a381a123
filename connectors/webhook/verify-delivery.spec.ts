import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { hmacSchemeSchema, WEBHOOK_PROVIDERS, type WebhookProvider } from '../../contracts/webhook-sources.js';
import { schemeOf } from './signature-schemes.js';
import { signDelivery, whyNoSecret } from './sign-delivery.js';
import { isVerified } from './verify-delivery.js';
import type { SigningTerms } from './webhook-delivery.js';

const NOW = 1_700_000_000_000;
const hmac = hmacSchemeSchema.parse({
  header: 'X-Shop-Signature',
  algorithm: 'sha512',
  encoding: 'base64',
  prefix: 'h=',
  template: '{id}/{timestamp}/{body}',
  timestampHeader: 'X-Shop-Time',
  idHeader: 'X-Shop-Delivery',
});
const KEY = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const termsOf = (provider: WebhookProvider, rest: Partial<SigningTerms> = {}): SigningTerms => ({
  provider,
  hmac: provider === 'hmac' ? hmac : null,
  secrets: [KEY],
  toleranceMs: 300_000,
  ...rest,
});
const signed = (terms: SigningTerms, { at = NOW, body = '{"n":1}', secret = terms.secrets[0] as string } = {}) => {
  const parts = { id: 'msg_1', timestamp: String(Math.floor(at / 1_000)), body: Buffer.from(body) };
  const headers = signDelivery(schemeOf(terms.provider, terms.hmac), secret, parts);
  return { headers: headers as Record<string, string | undefined>, body: parts.body };
};

const SLACK_FORM =
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar' +
  '&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com' +
  '%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.' +
  '803a0bc887a14d10d2c447fce8b6703c';

/** From the documents of each provider; their times are past. */
const VECTORS: { provider: WebhookProvider; secret: string; body: string; headers: Record<string, string> }[] = [
  {
    provider: 'github',
    secret: "It's a Secret to Everybody",
    body: 'Hello, World!',
    headers: {
      'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    },
  },
  {
    provider: 'slack',
    secret: '8f742231b10e8888abcd99yyyzzz85a5',
    body: SLACK_FORM,
    headers: {
      'x-slack-request-timestamp': '1531420618',
      'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    },
  },
  {
    provider: 'jira',
    secret: "It's a Secret to Everybody",
    body: 'Hello World!',
    headers: { 'x-hub-signature': 'sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9' },
  },
  {
    provider: 'standard',
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    body: '{"test": 2432232314}',
    headers: {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
  },
];

describe("a provider's signature", () => {
  it.each(VECTORS)("is verified as $provider's documents show it", ({ provider, secret, body, headers }) => {
    const terms = termsOf(provider, { secrets: [secret], toleranceMs: Infinity });
    const verify = (given: Record<string, string | undefined>, text = body) =>
      isVerified(terms, { headers: given, body: Buffer.from(text) }, NOW);
    expect(verify(headers)).toBe(true);
    expect(verify(headers, body.replace('e', 'f'))).toBe(false);
    for (const name of Object.keys(headers)) {
      expect(verify({ ...headers, [name]: undefined })).toBe(false);
      expect(verify({ ...headers, [name]: `${headers[name]}0` })).toBe(false);
    }
  });

  it.each(WEBHOOK_PROVIDERS.filter((provider) => provider !== 'jira-app'))(
    'of %s stands for every byte of the body, and for its key alone',
    (provider) => {
      const terms = termsOf(provider);
      fc.assert(
        fc.property(fc.string({ minLength: 1 }), fc.nat(), (body, place) => {
          const delivery = signed(terms, { body });
          expect(isVerified(terms, delivery, NOW)).toBe(true);
          const changed = Buffer.from(delivery.body);
          changed[place % changed.length]! ^= 1;
          expect(isVerified(terms, { ...delivery, body: changed }, NOW)).toBe(false);
        }),
        { numRuns: 50 },
      );
      const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
      expect(isVerified(terms, signed(terms, { secret: other }), NOW)).toBe(false);
      expect(isVerified({ ...terms, secrets: [other, KEY] }, signed(terms), NOW)).toBe(true);
      expect(isVerified({ ...terms, secrets: [''] }, signed(terms), NOW)).toBe(false);
    },
  );

  it.each(['slack', 'standard', 'stripe', 'hmac'] as const)('of %s holds for its time, both ways', (provider) => {
    const terms = termsOf(provider);
    const isTaken = (seconds: number) => isVerified(terms, signed(terms, { at: NOW + seconds * 1_000 }), NOW);
    expect([-300, 0, 300].map(isTaken)).toEqual([true, true, true]);
    expect([-301, 301].map(isTaken)).toEqual([false, false]);
  });

  it('of Standard Webhooks may be one of several, of which unknown kinds say nothing', () => {
    const terms = termsOf('standard');
    const delivery = signed(terms);
    const right = delivery.headers['webhook-signature'] as string;
    const isTaken = (signature: string) =>
      isVerified(terms, { ...delivery, headers: { ...delivery.headers, 'webhook-signature': signature } }, NOW);
    const wrong = `v1,${Buffer.alloc(32).toString('base64')}`;
    expect([`${wrong} ${right}`, `v1a,AAAA ${right}`, `${right} v9,x`].map(isTaken)).toEqual([true, true, true]);
    expect(['', 'v1,', right.slice(3), right.slice(0, -8), right.replace('v1', 'v2'), wrong].map(isTaken)).toEqual(
      Array.from({ length: 6 }, () => false),
    );
    expect(isTaken([...Array.from({ length: 10 }, () => wrong), right].join(' '))).toBe(false);
  });

  it('of Standard Webhooks is what its library makes, with and without the prefix of the key', () => {
    const at = new Date(NOW);
    const signature = new Webhook(KEY).sign('msg_1', at, '{"n":1}');
    for (const secret of [KEY, KEY.replace('whsec_', '')])
      expect(signed(termsOf('standard', { secrets: [secret] })).headers['webhook-signature']).toBe(signature);
  });

  it("of Stripe's kind has one time, and may have several signatures", () => {
    const terms = termsOf('stripe');
    const delivery = signed(terms);
    const [time, right] = (delivery.headers['stripe-signature'] as string).split(',') as [string, string];
    const isTaken = (text: string) => isVerified(terms, { ...delivery, headers: { 'stripe-signature': text } }, NOW);
    expect([`${time},v1=00,${right}`, `${time}, ${right}`].map(isTaken)).toEqual([true, true]);
    expect([right, `${time},${time},${right}`, `${time},v0=00`, `t=x,${right}`].map(isTaken)).toEqual(
      Array.from({ length: 4 }, () => false),
    );
  });

  it('needs a key of 24 to 64 bytes where the specification says so', () => {
    const reasons = ['whsec_', 'whsec_c2hvcnQ=', 'whsec_!!!', `whsec_${Buffer.alloc(65).toString('base64')}`, KEY].map(
      (secret) => whyNoSecret(schemeOf('standard', null), secret),
    );
    expect(reasons.map((reason) => reason !== undefined)).toEqual([true, true, true, true, false]);
    expect(whyNoSecret(schemeOf('github', null), 'short')).toBeUndefined();
  });
});

describe('a scheme of its own', () => {
  it.each([
    [{ algorithm: 'sha1' }, 'algorithm'],
    [{ template: '{id}' }, 'template'],
    [{ template: '{timestamp}.{body}' }, 'timestampHeader'],
    [{ timestampHeader: 'X-Time' }, 'timestampHeader'],
    [{ template: '{id}.{body}' }, 'idHeader'],
    [{ header: 'no header' }, 'header'],
  ])('is refused with %j', (scheme, at) => {
    const { error } = hmacSchemeSchema.safeParse({ header: 'X-Signature', ...scheme });
    expect(error?.issues.map(({ path }) => path[0])).toContain(at);
  });

  it('may use what is weak when it says so', () => {
    const weak = hmacSchemeSchema.parse({ header: 'X-Signature', algorithm: 'sha1', allowSha1: true });
    const terms = { ...termsOf('hmac'), hmac: weak };
    expect(isVerified(terms, signed(terms), NOW)).toBe(true);
  });
});
