import { Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { BrikkError } from '../../../contracts/errors.js';
import { Database } from '../../../database/database.js';
import { Vault } from '../../../database/vault.js';
import { openSource, type OpenedSource } from '../../../database/webhook-sources.repository.js';

const PATH_ID = /^[A-Za-z0-9_-]{24}$/;

/** Looks for the source of a URL before anything of the request is read. */
@Injectable()
export class WebhookSources {
  /** Deliveries of each source in a second, counted in this process. */
  private readonly limiter = new RateLimiterMemory({ points: 1, duration: 1 });

  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
  ) {}

  /** Fails `webhook_source.not_found`, also for one that is disabled, and `rate.exceeded`. */
  async of(pathId: string): Promise<OpenedSource> {
    const source = PATH_ID.test(pathId) ? await openSource(this.database, this.vault, pathId) : undefined;
    if (!source) throw new BrikkError('webhook_source.not_found', 'No webhook source has this URL');
    await this.count(source);
    return source;
  }

  private async count({ id, ratePerSecond }: OpenedSource): Promise<void> {
    const { consumedPoints, msBeforeNext } = await this.limiter.consume(id).catch((refusal: unknown) => {
      if (refusal instanceof RateLimiterRes) return refusal;
      throw refusal;
    });
    if (consumedPoints > ratePerSecond)
      throw new BrikkError('rate.exceeded', `More than ${ratePerSecond} deliveries in a second`, {
        retryAfterMs: msBeforeNext,
      });
  }
}
