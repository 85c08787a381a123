import { nameSchema } from './json.js';

/** Whose credential a function uses: in `with` of all functions of connectors. */
export const connectionNameSchema = nameSchema
  .optional()
  .describe('The name of a connection; without it the one connection that the provider has.');
