import { createHash, randomBytes } from 'node:crypto';

export interface DigestLogin {
  username: string;
  password: string;
}

const HASHES: Readonly<Record<string, string>> = { md5: 'md5', 'sha-256': 'sha256' };

/**
 * The `Authorization` that answers a challenge of HTTP Digest Access Authentication (RFC 7616: MD5 and SHA-256, also
 * `-sess`, quality `auth`); undefined when there is no challenge that this can answer.
 */
export function digestAuthorization(
  challenges: string,
  { method, uri }: { method: string; uri: string },
  { username, password }: DigestLogin,
  nonceOfClient = randomBytes(16).toString('hex'),
): string | undefined {
  const challenge = challengesIn(challenges).find(canAnswer);
  if (!challenge) return undefined;
  const { realm = '', nonce = '', opaque, algorithm = 'MD5', qop } = challenge;
  const isSession = /-sess$/i.test(algorithm);
  const name = hashOf(algorithm);
  const hash = (text: string) =>
    createHash(name ?? 'md5')
      .update(text)
      .digest('hex');
  const { pathname, search } = new URL(uri);
  const target = pathname + search;
  const login = hash(`${username}:${realm}:${password}`);
  const first = isSession ? hash(`${login}:${nonce}:${nonceOfClient}`) : login;
  const second = hash(`${method.toUpperCase()}:${target}`);
  const count = '00000001';
  const response =
    qop === undefined
      ? hash(`${first}:${nonce}:${second}`)
      : hash(`${first}:${nonce}:${count}:${nonceOfClient}:auth:${second}`);
  const fields = [
    `username=${quoted(username)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(target)}`,
    `algorithm=${algorithm}`,
    `response="${response}"`,
    ...(qop === undefined ? [] : [`qop=auth`, `nc=${count}`]),
    ...(qop === undefined && !isSession ? [] : [`cnonce="${nonceOfClient}"`]),
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
  ];
  return `Digest ${fields.join(', ')}`;
}

type Challenge = Record<string, string>;

/** `Digest a="b", c=d, Basic realm="x"`: the fields of each Digest challenge. */
function challengesIn(header: string): Challenge[] {
  const found: Challenge[] = [];
  let current: Challenge | undefined;
  const token = /(?:^|,)\s*(?:([\w-]+)\s+)?([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]*))/g;
  for (const [, scheme, name = '', quotedValue, plainValue] of header.matchAll(token)) {
    if (scheme !== undefined) {
      current = scheme.toLowerCase() === 'digest' ? {} : undefined;
      if (current) found.push(current);
    }
    if (current) current[name.toLowerCase()] = quotedValue?.replaceAll(/\\(.)/g, '$1') ?? plainValue ?? '';
  }
  return found;
}

function canAnswer({ nonce, algorithm = 'MD5', qop }: Challenge): boolean {
  const qualities = qop?.split(',').map((quality) => quality.trim().toLowerCase());
  return nonce !== undefined && hashOf(algorithm) !== undefined && (qualities?.includes('auth') ?? true);
}

const hashOf = (algorithm: string): string | undefined => HASHES[algorithm.toLowerCase().replace(/-sess$/, '')];

const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
