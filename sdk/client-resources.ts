import type { z } from 'zod';
import type { Page } from '../contracts/lists.js';
import type { counterOfferSchema, makeOfferSchema, Offer } from '../contracts/offers.js';
import type { Lease, PutResource, renewLeaseSchema, requestLeaseSchema, Resource } from '../contracts/resources.js';
import type { CreateOptions, PageOptions } from './client-runs.js';
import type { ApiTransport } from './http.js';

export type LeaseOptions = z.input<typeof requestLeaseSchema>;

/** Resources that only so many can use at once, and who uses them. */
export class ResourcesClient {
  /** @internal */
  constructor(private readonly transport: ApiTransport) {}

  /** A new resource, or another capacity for one. Fails `resource.in_use` for less than what is leased. */
  put(name: string, resource: PutResource): Promise<Resource> {
    return this.transport.json('PUT', pathOf(name), { body: resource, repeatable: true });
  }

  /** By name, each with what is leased and who waits. */
  list(page: PageOptions = {}): Promise<Page<Resource>> {
    return this.transport.json('GET', '/v1/resources', { query: { ...page } });
  }

  /** Fails `resource.not_found`. */
  get(name: string): Promise<Resource> {
    return this.transport.json('GET', pathOf(name));
  }

  /** Fails `resource.not_found`, and `resource.in_use`. */
  async delete(name: string): Promise<void> {
    await this.transport.json('DELETE', pathOf(name));
  }

  /** Those that hold it first, then those that wait, in the order of their turns. */
  leases(name: string, page: PageOptions & { state?: Lease['state'] } = {}): Promise<Page<Lease>> {
    return this.transport.json('GET', `${pathOf(name)}/leases`, { query: { ...page } });
  }

  /** Held, or waiting where `waitMs` allows it. Fails `resource.busy`, `resource.insufficient`, `resource.not_found`. */
  request(name: string, lease: LeaseOptions = {}, options: CreateOptions = {}): Promise<Lease> {
    return this.transport.json('POST', `${pathOf(name)}/leases`, { body: lease, ...options });
  }

  /** As it stands now. Fails `lease.not_found`, also once it is over. */
  lease(name: string, id: string): Promise<Lease> {
    return this.transport.json('GET', pathOf(name, id));
  }

  /** Held for so long from now on. Fails `lease.not_found` once it is over. */
  renew(name: string, id: string, renewal: z.input<typeof renewLeaseSchema> = {}): Promise<Lease> {
    return this.transport.json('POST', `${pathOf(name, id)}/renew`, { body: renewal, repeatable: true });
  }

  /** Gives the units back, or the place in the queue up. Fails `lease.not_found`. */
  async release(name: string, id: string): Promise<void> {
    await this.transport.json('DELETE', pathOf(name, id));
  }

  /** Units of one's own lease for a request that waits, or of somebody's for one's own. */
  offer(name: string, offer: z.input<typeof makeOfferSchema>, options: CreateOptions = {}): Promise<Offer> {
    return this.transport.json('POST', `${pathOf(name)}/offers`, { body: offer, ...options });
  }

  /** The newest first. */
  offers(name: string, page: PageOptions & { state?: Offer['state'] } = {}): Promise<Page<Offer>> {
    return this.transport.json('GET', `${pathOf(name)}/offers`, { query: { ...page } });
  }

  /** Fails `offer.closed`, `offer.not_your_turn`. */
  accept(name: string, offerId: string): Promise<Offer> {
    return this.transport.json('POST', `${pathOf(name)}/offers/${encodeURIComponent(offerId)}/accept`);
  }

  /** What is not said stays. Fails `offer.closed`, `offer.not_your_turn`. */
  counter(name: string, offerId: string, terms: z.input<typeof counterOfferSchema>): Promise<Offer> {
    return this.transport.json('POST', `${pathOf(name)}/offers/${encodeURIComponent(offerId)}/counter`, {
      body: terms,
    });
  }

  /** Rejects it, or withdraws what one has proposed oneself. */
  reject(name: string, offerId: string): Promise<Offer> {
    return this.transport.json('POST', `${pathOf(name)}/offers/${encodeURIComponent(offerId)}/reject`);
  }
}

const pathOf = (name: string, lease?: string): string =>
  `/v1/resources/${encodeURIComponent(name)}${lease === undefined ? '' : `/leases/${encodeURIComponent(lease)}`}`;
