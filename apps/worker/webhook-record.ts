import { messageOf, renderWebhook } from '../../activities/webhook-messages.js';
import { hidingEchoes } from '../../activities/hide-secrets.js';
import { BrikkError } from '../../contracts/errors.js';
import { messageHeaders } from '../../connectors/webhook/sign-message.js';
import type { WebhookRequest } from '../../connectors/webhook/webhook.connector.js';
import { newsFrom } from '../../database/channel.js';
import type { ClientCertificates } from '../../database/client-certificates.js';
import { type ClaimedWebhook, claimWebhooks, type LoadedWebhook, loadWebhooks } from '../../database/claim-webhooks.js';
import type { Database } from '../../database/database.js';
import { type OpenedEndpoint, openEndpoints } from '../../database/endpoint-secrets.js';
import { settleWebhooks } from '../../database/settle-webhooks.js';
import { isUnreadable, type Vault } from '../../database/vault.js';
import { WEBHOOK_CHANNEL } from '../../database/webhook-channel.js';
import { bodyCell, messageId } from '../../database/webhook-fan-out.js';
import type { ReadyWebhook, WebhookRecord } from './webhook-dispatcher.js';
import { groupBy } from '../../database/group-by.js';

/** Postgres as those see it who send to webhook endpoints. */
export const webhookRecord = (database: Database, vault: Vault, certificates: ClientCertificates): WebhookRecord => ({
  claim: async (room) => {
    const { claimed, ...rest } = await claimWebhooks(database, room);
    const byOrg = [...groupBy(claimed, ({ orgId }) => orgId)];
    const ready = await Promise.all(byOrg.map(([orgId, ones]) => loadReady(database, vault, orgId, ones)));
    return { ...rest, ready: await Promise.all(ready.flat().map((one) => withCertificate(certificates, one))) };
  },
  settle: (orgId, settled) => database.inOrg(orgId, (tx) => settleWebhooks(tx, vault, orgId, settled)),
  listen: newsFrom(database, WEBHOOK_CHANNEL),
});

/** What cannot be shown is an attempt that failed. */
async function withCertificate(certificates: ClientCertificates, ready: ReadyWebhook): Promise<ReadyWebhook> {
  const connection = 'end' in ready ? undefined : ready.endpoint.settings.clientCertificate;
  if ('end' in ready || connection === undefined || connection === null) return ready;
  try {
    return { ...ready, certificate: await certificates.of(ready.orgId, connection) };
  } catch (error) {
    if (!(error instanceof BrikkError)) throw error;
    return { ...ready, refusal: error.message };
  }
}

async function loadReady(
  database: Database,
  vault: Vault,
  orgId: string,
  claimed: ClaimedWebhook[],
): Promise<ReadyWebhook[]> {
  return database.inOrg(orgId, async (tx) => {
    const loaded = await loadWebhooks(
      tx,
      claimed.map(({ id }) => id),
    );
    const ids = [...new Set(loaded.map(({ endpointId }) => endpointId))];
    const endpoints = new Map((await openEndpoints(tx, vault, orgId, ids)).map((one) => [one.id, one]));
    const ready: ReadyWebhook[] = [];
    for (const delivery of loaded) {
      const endpoint = endpoints.get(delivery.endpointId);
      if (!endpoint) continue;
      const { id, body: sealed } = delivery;
      if ('unreadable' in endpoint) {
        ready.push(unreadable(orgId, delivery, endpoint.unreadable));
        continue;
      }
      try {
        const body = sealed === null ? null : await vault.open(tx, bodyCell(orgId, id), sealed);
        ready.push(toReady(orgId, endpoint, { ...delivery, body }));
      } catch (error) {
        if (!isUnreadable(error)) throw error;
        ready.push(unreadable(orgId, delivery, error.message));
      }
    }
    return ready;
  });
}

function headOf(orgId: string, delivery: LoadedWebhook) {
  const { id, endpointId, claims, generation, eventKey, attempts, trigger, event } = delivery;
  return { id, orgId, known: { id, endpointId, claims, generation, eventKey, type: event.type, attempts, trigger } };
}

/** The others of the claim go on; once it opens again it can be replayed. */
const unreadable = (orgId: string, delivery: LoadedWebhook, error: string): ReadyWebhook => ({
  ...headOf(orgId, delivery),
  end: { status: 'dead', reason: 'unreadable', error },
});

function toReady(orgId: string, endpoint: OpenedEndpoint, delivery: LoadedWebhook): ReadyWebhook {
  const { eventKey, part, trigger, event, toRender, lastUrl } = delivery;
  const head = headOf(orgId, delivery);
  const heard = { orgId, key: eventKey, event };
  let { body } = delivery;
  if (toRender) {
    // A sample is sent whatever the filter says.
    const terms = trigger === 'test' ? { ...endpoint.settings, filter: null } : endpoint.settings;
    const rendered = renderWebhook(terms, heard);
    if ('error' in rendered)
      return { ...head, end: { status: 'dead', reason: 'transform_error', error: rendered.error } };
    const chosen = rendered.bodies?.[Math.max(0, part - 1)];
    if (rendered.bodies && chosen === undefined) return { ...head, end: { status: 'skipped', reason: 'filtered' } };
    body = chosen ?? null;
  }
  const { format } = endpoint.settings;
  const bytes = Buffer.from(body ?? JSON.stringify({ ...messageOf(format, heard), ...partId(format, eventKey, part) }));
  const request = () => requestOf(endpoint, messageId(eventKey, part), bytes);
  const hide = (text: string) => hidingEchoes(sentBy(endpoint))(text) as string;
  return { ...head, endpoint, lastUrl, request, hide, ...(toRender && { rendered: { body: body ?? undefined } }) };
}

const CONTENT_TYPES = {
  standard: 'application/json',
  cloudevents: 'application/cloudevents+json',
  a2a: 'application/a2a+json',
} as const;

const partId = (format: string, eventKey: string, part: number) =>
  format === 'cloudevents' ? { id: messageId(eventKey, part) } : {};

/** What is secret of its requests, as they carry it. */
const sentBy = ({ credentials: { headers = {}, basicAuth } }: OpenedEndpoint): string[] => [
  ...Object.values(headers),
  ...(basicAuth ? [basicAuth.password, parameterOf(basicAuth)] : []),
];

const parameterOf = ({ username, password }: { username: string; password: string }) =>
  Buffer.from(`${username}:${password}`).toString('base64');

function requestOf(
  { settings, keys, credentials, timeoutMs }: OpenedEndpoint,
  id: string,
  body: Buffer,
): Omit<WebhookRequest, 'url'> {
  const { basicAuth, headers } = credentials;
  return {
    body,
    timeoutMs,
    headers: {
      'user-agent': 'Brikk-Webhooks/1',
      accept: '*/*',
      ...headers,
      'content-type': CONTENT_TYPES[settings.format],
      ...(basicAuth && { authorization: `Basic ${parameterOf(basicAuth)}` }),
      ...messageHeaders(keys, { id, at: Date.now(), body }),
    },
  };
}
