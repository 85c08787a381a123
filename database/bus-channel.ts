/** Wakes those who deliver events, on commit. */
export const BUS_CHANNEL = 'brikk_bus';
