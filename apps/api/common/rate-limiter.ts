import { Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { BrikkError } from '../../../contracts/errors.js';
import { Settings } from '../env.js';

const WINDOW_SECONDS = 10;

/** Requests of each key in 10 seconds, counted in this process. */
@Injectable()
export class RateLimiter {
  private readonly limiter: RateLimiterMemory;

  constructor(private readonly settings: Settings) {
    this.limiter = new RateLimiterMemory({ points: settings.rateLimit, duration: WINDOW_SECONDS });
  }

  /** Fails `rate.exceeded` with the time after which a request is taken again. */
  async count(keyId: string): Promise<void> {
    try {
      await this.limiter.consume(keyId);
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      throw new BrikkError('rate.exceeded', `More than ${this.settings.rateLimit} requests in ${WINDOW_SECONDS} s`, {
        retryAfterMs: refusal.msBeforeNext,
      });
    }
  }
}
