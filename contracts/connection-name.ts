import { nameSchema } from './json.js';

/** Whose credential a function uses: in `with` of all functions of connectors. */
export const connectionNameSchema = nameSchema
  .optional()
  .describe('The name of a connection; without it the one connection that the provider has.');

/** Of an agent or a webhook endpoint. */
export const clientCertificateSchema = nameSchema.describe(
  'The name of a connection with the credential mtls, whose certificate is shown to the server.',
);
