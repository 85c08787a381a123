import type { Json } from '../../contracts/json.js';
import { formatOf, parseFormat } from '../lib/formats/convert.js';
import { schemeOf, type SignatureScheme } from './signature-schemes.js';
import type { SigningTerms, WebhookDelivery } from './webhook-delivery.js';

/**
 * The body of a verified delivery as JSON, whatever its type, unless that says form, xml, csv or ndjson. A form that is
 * nothing but a `payload` in JSON is that payload (GitHub, Slack's buttons). Undefined when it cannot be read.
 */
export function readDeliveryBody({ headers, body }: WebhookDelivery): Json | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    if (text.trim() === '') return null;
    const format = formatOf(headers['content-type'] ?? '') ?? 'json';
    if (format === 'json') return JSON.parse(text) as Json;
    const value = parseFormat({ format, text });
    return format === 'form' ? payloadOf(value) : value;
  } catch {
    return undefined;
  }
}

const isForm = (headers: WebhookDelivery['headers']): boolean => formatOf(headers['content-type'] ?? '') === 'form';

function payloadOf(form: Json): Json {
  const { payload, ...others } = form as { [name: string]: Json };
  const isAll = typeof payload === 'string' && Object.keys(others).length === 0;
  return isAll ? (JSON.parse(payload) as Json) : form;
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
): boolean => provider === 'slack' && isForm(headers);
