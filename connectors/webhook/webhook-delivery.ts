import type { HmacScheme, WebhookProvider } from '../../contracts/webhook-sources.js';

/** A request as it came: names of headers in lower case, the body byte by byte. */
export interface WebhookDelivery {
  headers: Readonly<Record<string, string | undefined>>;
  body: Buffer;
}

/** How deliveries of a source are signed. */
export interface SigningTerms {
  provider: WebhookProvider;
  hmac: HmacScheme | null;
  /** The current secret first; any of them verifies. */
  secrets: readonly string[];
  /** How far a signed time may be off, both ways. */
  toleranceMs: number;
}
