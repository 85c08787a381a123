import { Injectable } from '@nestjs/common';
import type { CounterOffer, ListOffers, MakeOffer, Offer } from '../../../contracts/offers.js';
import { audit } from '../../../database/audit.repository.js';
import { Database, type Tx } from '../../../database/database.js';
import {
  acceptOffer,
  counterOffer,
  listOffers,
  makeOffer,
  type OfferInPath,
  readOffer,
  rejectOffer,
} from '../../../database/offers.repository.js';
import { actorOf } from '../common/actor.js';
import { knownId } from '../common/ids.js';
import { once } from '../common/idempotency.js';
import { Reply } from '../common/reply.js';
import type { Caller } from '../common/request.js';
import { holderOf } from './holder.js';

@Injectable()
export class OffersService {
  constructor(private readonly database: Database) {}

  async list({ orgId }: Caller, resource: string, query: ListOffers) {
    return this.database.inOrg(orgId, (tx) => listOffers(tx, resource, query));
  }

  async get({ orgId }: Caller, resource: string, id: string) {
    knownId(id, 'offer.not_found');
    return this.database.inOrg(orgId, (tx) => readOffer(tx, { resource, id }));
  }

  async make(caller: Caller, resource: string, offer: MakeOffer) {
    const { orgId } = caller;
    const route = `POST /v1/resources/${resource}/offers`;
    const { status, body } = await once(this.database, caller, { route, body: offer, keepFor: 'day' }, async (tx) => {
      const made = await makeOffer(tx, { orgId, resource, holder: holderOf(caller) }, offer);
      await this.audit(tx, caller, 'offer.made', made);
      return { status: 201, body: made };
    });
    return new Reply(status, body);
  }

  accept(caller: Caller, resource: string, id: string): Promise<Offer> {
    return this.change(caller, { name: resource, id }, 'offer.accepted', acceptOffer);
  }

  counter(caller: Caller, path: { name: string; id: string }, terms: CounterOffer): Promise<Offer> {
    return this.change(caller, path, 'offer.countered', (tx, offer) => counterOffer(tx, offer, terms));
  }

  reject(caller: Caller, resource: string, id: string): Promise<Offer> {
    return this.change(caller, { name: resource, id }, 'offer.rejected', rejectOffer);
  }

  private async change(
    caller: Caller,
    { name: resource, id }: { name: string; id: string },
    action: string,
    work: (tx: Tx, path: OfferInPath) => Promise<Offer>,
  ): Promise<Offer> {
    knownId(id, 'offer.not_found');
    return this.database.inOrg(caller.orgId, async (tx) => {
      const offer = await work(tx, { resource, id, holder: holderOf(caller) });
      await this.audit(tx, caller, action, offer);
      return offer;
    });
  }

  private audit(tx: Tx, caller: Caller, action: string, { resource, id }: Offer): Promise<void> {
    return audit(tx, { ...actorOf(caller), action, target: `${resource}/${id}`, outcome: 'ok' });
  }
}
