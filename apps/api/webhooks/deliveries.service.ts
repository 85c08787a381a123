import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { bearerHeaders, isBearerVerified } from '../../../connectors/webhook/bearer-token.js';
import {
  deliveryIdOf,
  readDeliveryBody,
  slackChallenge,
  wantsSilence,
} from '../../../connectors/webhook/read-delivery.js';
import { isSecretHeader, schemeOf } from '../../../connectors/webhook/signature-schemes.js';
import { type SignedParts, signDelivery } from '../../../connectors/webhook/sign-delivery.js';
import { isVerified } from '../../../connectors/webhook/verify-delivery.js';
import type { WebhookDelivery } from '../../../connectors/webhook/webhook-delivery.js';
import { BrikkError } from '../../../contracts/errors.js';
import type { InboundReceipt } from '../../../contracts/inbound-events.js';
import type { TestWebhook } from '../../../contracts/webhook-sources.js';
import { acceptInbound } from '../../../database/accept-inbound.js';
import { audit } from '../../../database/audit.repository.js';
import { Database } from '../../../database/database.js';
import { Vault } from '../../../database/vault.js';
import { type OpenedSource, openSourceById } from '../../../database/webhook-sources.repository.js';
import { actorOf } from '../common/actor.js';
import { knownId } from '../common/ids.js';
import { Reply } from '../common/reply.js';
import type { Caller } from '../common/request.js';
import { AnswersService } from './answers.service.js';

/** Deliveries are verified, and on record before they are answered; the workers route them. */
@Injectable()
export class DeliveriesService {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly answers: AnswersService,
  ) {}

  /** Fails `webhook.unverified`, whatever is wrong. */
  async receive(source: OpenedSource, delivery: WebhookDelivery): Promise<Reply<InboundReceipt | string | undefined>> {
    if (!(await isAuthentic(source, delivery)))
      throw new BrikkError('webhook.unverified', 'The delivery is not signed as it should be');
    const body = readDeliveryBody(delivery);
    const challenge = slackChallenge(source, body);
    if (challenge !== undefined) return new Reply(200, { challenge });
    const event = await this.database.inOrg(source.orgId, (tx) =>
      acceptInbound(tx, this.vault, source, {
        delivery: deliveryIdOf(source, delivery.headers, body),
        headers: keptHeaders(delivery),
        body: delivery.body,
      }),
    );
    const answer = source.sync ? await this.answers.answer(source, source.sync, event) : undefined;
    if (answer !== undefined) return new Reply(200, answer, { 'content-type': 'application/json; charset=utf-8' });
    const { id, isDuplicate } = event;
    if (wantsSilence(source, delivery.headers)) return new Reply(200, undefined);
    return isDuplicate ? new Reply(200, { duplicate: true }) : new Reply(202, { id });
  }

  /** A delivery of our own, signed as the provider would. Fails `webhook_source.not_found`, also when it is disabled. */
  async test(caller: Caller, id: string, { headers, body }: TestWebhook) {
    knownId(id, 'webhook_source.not_found');
    const { orgId } = caller;
    const source = await this.database.inOrg(orgId, async (tx) => {
      const opened = await openSourceById(tx, this.vault, orgId, id);
      if (!opened) throw new BrikkError('webhook_source.not_found', 'No active webhook source has this id');
      await audit(tx, { ...actorOf(caller), action: 'webhook_source.tested', target: id, outcome: 'ok' });
      return opened;
    });
    const bytes = Buffer.from(JSON.stringify(body));
    const parts = {
      id: caller.idempotencyKey ?? randomUUID(),
      timestamp: String(Math.floor(Date.now() / 1_000)),
      body: bytes,
    };
    const signed = await signedAs(source, parts);
    // The same sample is sent again and again: bodies are not compared. Whoever tests asks what came of it.
    return this.receive(
      { ...source, replayWindowMs: 0, sync: null },
      {
        headers: { ...headers, 'content-type': 'application/json', ...signed },
        body: bytes,
      },
    );
  }
}

const schemeOfSource = ({ provider, hmac }: OpenedSource) => schemeOf(provider, hmac);

const isAuthentic = async (source: OpenedSource, delivery: WebhookDelivery): Promise<boolean> =>
  schemeOfSource(source).kind === 'bearer'
    ? isBearerVerified(source, delivery, Date.now())
    : isVerified(source, delivery, Date.now());

async function signedAs(source: OpenedSource, parts: SignedParts): Promise<Record<string, string>> {
  const scheme = schemeOfSource(source);
  const [secret = ''] = source.secrets;
  return scheme.kind === 'bearer' ? bearerHeaders(secret, parts) : signDelivery(scheme, secret, parts);
}

function keptHeaders({ headers }: WebhookDelivery): Record<string, string> {
  const kept = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || isSecretHeader(name) ? [] : [[name, value] as const],
  );
  return Object.fromEntries(kept);
}
