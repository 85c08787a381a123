import { z } from 'zod';

/** What every text agent takes. */
export const textInput = z.object({ text: z.string().max(262_144).describe('The text to work on.') });
