import { SignJWT } from 'jose';
import { createPrivateKey } from 'node:crypto';
import type { FreshTokens, GitHubAppAuth } from '../../contracts/connection-auth.js';
import type { Json } from '../../contracts/json.js';

/** GitHub takes ten minutes at most, and clocks differ. */
const LIFE_S = 540;
const SKEW_S = 60;
/** A token is given up this long before it expires. */
const MARGIN_MS = 300_000;

/** The request for a token of an installation, by a JWT that the key of the app signs (docs.github.com, "Generating a JWT"). */
export async function installationRequest(
  { appId, installationId, privateKey }: GitHubAppAuth,
  baseUrl: string,
  nowMs = Date.now(),
): Promise<{ uri: string; headers: Record<string, string> }> {
  const now = Math.floor(nowMs / 1_000);
  const token = await new SignJWT()
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
    .setIssuer(appId)
    .setIssuedAt(now - SKEW_S)
    .setExpirationTime(now + LIFE_S)
    .sign(createPrivateKey(privateKey));
  return {
    uri: `${baseUrl}/app/installations/${installationId}/access_tokens`,
    headers: { accept: 'application/vnd.github+json', authorization: `Bearer ${token}` },
  };
}

/** Undefined when the answer holds no token. */
export function installationToken(
  { token, expires_at: until }: Record<string, Json>,
  nowMs = Date.now(),
): FreshTokens | undefined {
  const lifeMs = typeof until === 'string' ? Date.parse(until) - nowMs : Number.NaN;
  if (typeof token !== 'string' || !(lifeMs > 0)) return undefined;
  return { token, refreshToken: null, lifeMs, marginMs: MARGIN_MS };
}
