import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { pageSchema } from '../../../contracts/lists.js';
import {
  type CounterOffer,
  counterOfferSchema,
  type ListOffers,
  listOffersSchema,
  type MakeOffer,
  makeOfferSchema,
  offerSchema,
} from '../../../contracts/offers.js';
import { Describe } from '../common/describe.decorator.js';
import { Permission } from '../common/permission.decorator.js';
import { type Caller, From } from '../common/request.js';
import { OffersService } from './offers.service.js';

const ids = { leaseId: '019aa6f2-8a10-7b6e-a1b2-c3d4e5f60720', requestId: '019aa6f2-8b21-7c1d-9e0f-1a2b3c4d5e6f' };

@Controller('v1/resources/:name/offers')
export class OffersController {
  constructor(private readonly offers: OffersService) {}

  @Get()
  @Permission('lease:read')
  @Describe({
    summary: 'List offers about a resource',
    description: 'The newest first.',
    answers: { 200: pageSchema(offerSchema) },
    errors: ['resource.not_found'],
  })
  list(@From() caller: Caller, @Param('name') name: string, @Query({ schema: listOffersSchema }) query: ListOffers) {
    return this.offers.list(caller, name, query);
  }

  @Post()
  @Permission('resource:lease')
  @Describe({
    summary: 'Offer units of a lease, or ask for some',
    description:
      'The holder of the lease offers units to a request that waits; whoever waits asks the holder for some. The other ' +
      'side accepts, rejects, or proposes other terms.',
    answers: { 201: offerSchema },
    errors: ['resource.not_found', 'lease.not_yours', 'lease.preempted'],
    examples: { offer: { ...ids, priceUsd: 0.5 }, part: { ...ids, amount: 1, ttlMs: 60_000, note: 'for a minute' } },
    idempotent: true,
  })
  make(@From() caller: Caller, @Param('name') name: string, @Body({ schema: makeOfferSchema }) offer: MakeOffer) {
    return this.offers.make(caller, name, offer);
  }

  @Get(':offerId')
  @Permission('lease:read')
  @Describe({ summary: 'Read an offer', answers: { 200: offerSchema }, errors: ['offer.not_found'] })
  get(@From() caller: Caller, @Param('name') name: string, @Param('offerId') id: string) {
    return this.offers.get(caller, name, id);
  }

  @Post(':offerId/accept')
  @HttpCode(200)
  @Permission('resource:lease')
  @Describe({
    summary: 'Accept an offer: the units change hands',
    description: 'By the side whose answer is due. The request is held at once, with what was agreed on.',
    answers: { 200: offerSchema },
    errors: ['offer.not_found', 'offer.closed', 'offer.not_your_turn', 'lease.not_yours', 'lease.preempted'],
  })
  accept(@From() caller: Caller, @Param('name') name: string, @Param('offerId') id: string) {
    return this.offers.accept(caller, name, id);
  }

  @Post(':offerId/counter')
  @HttpCode(200)
  @Permission('resource:lease')
  @Describe({
    summary: 'Propose other terms',
    description: 'By the side whose answer is due; then the other side has to answer. What is not said stays.',
    answers: { 200: offerSchema },
    errors: ['offer.not_found', 'offer.closed', 'offer.not_your_turn', 'lease.not_yours', 'lease.preempted'],
    examples: { cheaper: { priceUsd: 0.2 }, fewer: { amount: 1 } },
  })
  counter(
    @From() caller: Caller,
    @Param('name') name: string,
    @Param('offerId') id: string,
    @Body({ schema: counterOfferSchema }) terms: CounterOffer,
  ) {
    return this.offers.counter(caller, { name, id }, terms);
  }

  @Post(':offerId/reject')
  @HttpCode(200)
  @Permission('resource:lease')
  @Describe({
    summary: 'Reject an offer, or withdraw it',
    answers: { 200: offerSchema },
    errors: ['offer.not_found', 'offer.closed', 'lease.not_yours'],
  })
  reject(@From() caller: Caller, @Param('name') name: string, @Param('offerId') id: string) {
    return this.offers.reject(caller, name, id);
  }
}
