import { createHash } from 'node:crypto';

/** What is left at an outside system to find an effect again by: short, and nothing of the run can be read in it. */
export const effectMark = (key: string): string => createHash('sha256').update(key).digest('hex').slice(0, 32);
