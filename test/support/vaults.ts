import { randomBytes } from 'node:crypto';
import { masterKeysSchema } from '../../database/master-key.js';
import { Vault } from '../../database/vault.js';

/** Where there is no master key: what Brikk makes itself is kept as it is. */
export const keyless = new Vault(undefined);

/** With a master key of its own. */
export const newVault = (): Vault => new Vault(masterKeysSchema.parse(randomBytes(32).toString('base64')));
