import type { Json } from '../../contracts/json.js';
import { schemeOf, type SignatureScheme } from './signature-schemes.js';
import type { SigningTerms, WebhookDelivery } from './webhook-delivery.js';

/**
 * The body of a verified delivery as JSON: forms become objects of their fields, and a form that is nothing but a
 * `payload` in JSON that payload (GitHub, Slack's buttons). Undefined when it cannot be read.
 */
export function readDeliveryBody({ headers, body }: WebhookDelivery): Json | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    if (isForm(headers['content-type'])) return readForm(text);
    return text.trim() === '' ? null : (JSON.parse(text) as Json);
  } catch {
    return undefined;
  }
}

const isForm = (type = ''): boolean => /^application\/x-www-form-urlencoded\s*(;|$)/i.test(type);

function readForm(text: string): Json {
  const fields = [...new URLSearchParams(text)];
  const [only] = fields;
  if (only?.[0] === 'payload' && fields.length === 1) return JSON.parse(only[1]) as Json;
  return Object.fromEntries(fields);
}

/** How the provider names the delivery; `isSigned` when nobody else can have named it so. */
export function deliveryIdOf(
  { provider, hmac }: Pick<SigningTerms, 'provider' | 'hmac'>,
  headers: WebhookDelivery['headers'],
  body: Json | undefined,
): { id: string; isSigned: boolean } | undefined {
  const scheme = schemeOf(provider, hmac);
  const inBody = fieldOf(scheme, body);
  if (inBody !== undefined) return { id: inBody, isSigned: true };
  const id = scheme.idHeader === undefined ? undefined : headers[scheme.idHeader];
  if (id === undefined || id === '' || id.length > 255) return undefined;
  return { id, isSigned: scheme.template.includes('{id}') };
}

function fieldOf({ idField }: SignatureScheme, body: Json | undefined): string | undefined {
  if (idField === undefined || typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const id = body[idField];
  return typeof id === 'string' && id !== '' && id.length <= 255 ? id : undefined;
}

/** What the provider wants to hear when a delivery was taken, where that is not 202 and the event's id. */
export function slackChallenge(
  { provider }: Pick<SigningTerms, 'provider'>,
  body: Json | undefined,
): string | undefined {
  if (provider !== 'slack' || typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  return body['type'] === 'url_verification' && typeof body['challenge'] === 'string' ? body['challenge'] : undefined;
}

/** Slack shows users what a command or a button is answered with, and takes 200 alone: an empty one says nothing. */
export const wantsSilence = (
  { provider }: Pick<SigningTerms, 'provider'>,
  headers: WebhookDelivery['headers'],
): boolean => provider === 'slack' && isForm(headers['content-type']);
