import { jwtVerify, SignJWT } from 'jose';
import type { SigningTerms, WebhookDelivery } from './webhook-delivery.js';

/** Pinned: what a token says of itself decides nothing. */
const ALGORITHM = 'HS256';
const LIFE_S = 180;

/**
 * Whether a delivery carries a token that one of the secrets has signed and whose time is not over, as apps of Jira Cloud
 * send it (developer.atlassian.com, OAuth 2.0 apps, Webhooks). `now` in milliseconds. The token says nothing of the body.
 */
export async function isBearerVerified(
  { secrets, toleranceMs }: Pick<SigningTerms, 'secrets' | 'toleranceMs'>,
  { headers }: WebhookDelivery,
  now: number,
): Promise<boolean> {
  const token = /^Bearer ([\w.-]{1,8192})$/i.exec(headers['authorization'] ?? '')?.[1];
  if (token === undefined) return false;
  const terms = {
    algorithms: [ALGORITHM],
    requiredClaims: ['iat', 'exp'],
    clockTolerance: toleranceMs / 1_000,
    currentDate: new Date(now),
  };
  const verdicts = await Promise.all(
    secrets.map((secret) =>
      jwtVerify(token, Buffer.from(secret), terms).then(
        ({ payload }) => (payload.iat ?? 0) * 1_000 <= now + toleranceMs,
        () => false,
      ),
    ),
  );
  return verdicts.includes(true);
}

/** Headers of a delivery as the app's Jira would send it; `timestamp` in Unix seconds. */
export async function bearerHeaders(
  secret: string,
  { id, timestamp }: { id: string; timestamp: string },
): Promise<Record<string, string>> {
  const issuedAt = Number(timestamp);
  const token = await new SignJWT({ iss: 'jira' })
    .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + LIFE_S)
    .sign(Buffer.from(secret));
  return { authorization: `Bearer ${token}`, 'x-atlassian-webhook-identifier': id };
}
