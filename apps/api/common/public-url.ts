import type { Settings } from '../env.js';

/** Where others reach this API: `BRIKK_PUBLIC_URL`, else this machine; without a slash at its end. */
export const publicUrlOf = ({ publicUrl, port }: Pick<Settings, 'publicUrl' | 'port'>): string =>
  (publicUrl ?? `http://127.0.0.1:${port}`).replace(/\/+$/, '');
