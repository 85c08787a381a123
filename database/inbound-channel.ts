/** Wakes those who route events from outside, on commit. */
export const INBOUND_CHANNEL = 'brikk_inbound';
