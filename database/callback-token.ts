import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { RequestKind } from '../contracts/agent-protocol.js';
import type { AnsweredAttempt } from '../contracts/later-answers.js';
import { isUuid } from './uuid.js';

const KINDS: readonly string[] = ['task', 'bid', 'plan', 'decide'] satisfies RequestKind[];

/** Names one attempt of one call and nobody can make another: base64url of what it says, and its HMAC-SHA-256. */
export function signCallbackToken(key: KeyObject, of: AnsweredAttempt): string {
  const { orgId, runId, callKey, attempt, instanceId, kind, sentAt, expiresAt } = of;
  const said = JSON.stringify([orgId, runId, callKey, attempt, instanceId, kind, sentAt, expiresAt]);
  const text = Buffer.from(said).toString('base64url');
  return `${text}.${macOf(key, text)}`;
}

/** What a token says of itself, not to be trusted before `isSignedBy` says so; undefined when it is none. */
export function readCallbackToken(token: string): AnsweredAttempt | undefined {
  const [text = '', mac, ...rest] = token.split('.');
  if (mac === undefined || rest.length > 0) return undefined;
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (!Array.isArray(parts) || parts.length !== 8) return undefined;
    const [orgId, runId, callKey, attempt, instanceId, kind, sentAt, expiresAt] = parts as unknown[];
    const isOne =
      [orgId, runId, instanceId].every((id) => typeof id === 'string' && isUuid(id)) &&
      typeof callKey === 'string' &&
      KINDS.includes(String(kind)) &&
      [attempt, sentAt, expiresAt].every((number) => Number.isSafeInteger(number));
    return isOne
      ? ({ orgId, runId, callKey, attempt, instanceId, kind, sentAt, expiresAt } as AnsweredAttempt)
      : undefined;
  } catch {
    return undefined;
  }
}

export function isSignedBy(key: KeyObject, token: string): boolean {
  const [text = '', mac = ''] = token.split('.');
  const [given, wanted] = [Buffer.from(mac), Buffer.from(macOf(key, text))];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

const macOf = (key: KeyObject, text: string): string => createHmac('sha256', key).update(text).digest('base64url');
