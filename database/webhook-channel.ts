/** Wakes those who send to webhook endpoints, on commit. */
export const WEBHOOK_CHANNEL = 'brikk_webhook';
