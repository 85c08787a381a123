import type { Settings } from '../env.js';

/** The part of a key that tells people where it belongs: `brk_dev_…` or `brk_live_…`. */
export const keyEnvironment = ({ environment }: Settings): 'dev' | 'live' =>
  environment === 'development' ? 'dev' : 'live';
