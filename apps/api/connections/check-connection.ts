import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { MtlsAuth } from '../../../contracts/connection-auth.js';
import type { Connection, PutCredential } from '../../../contracts/connections.js';
import { type ProviderName, PROVIDERS } from '../../../contracts/providers.js';
import { invalidField } from '../common/invalid-field.js';

/** Fails `request.invalid` for a way of proving that the provider does not know, for keys that do not open, and for what is over. */
export function checkAuth(provider: ProviderName, { auth, expiresAt }: PutCredential): void {
  const { authKinds } = PROVIDERS[provider];
  if (!authKinds.includes(auth.kind))
    throw invalidField('auth.kind', `must be one of ${authKinds.join(', ')} for ${provider}`);
  if (auth.kind === 'githubApp' && keyIn(auth.privateKey)?.asymmetricKeyType !== 'rsa')
    throw invalidField('auth.privateKey', 'must be a private RSA key in PEM, not encrypted');
  if (auth.kind === 'mtls') checkCertificate(auth);
  if (expiresAt !== undefined && Date.parse(expiresAt) <= Date.now()) throw invalidField('expiresAt', 'is over');
}

function checkCertificate({ certificate, key, authorities }: MtlsAuth): void {
  const shown = certificateIn(certificate);
  if (!shown) throw invalidField('auth.certificate', 'must be a certificate in PEM');
  const opened = keyIn(key);
  if (!opened) throw invalidField('auth.key', 'must be a private key in PEM, not encrypted');
  if (!shown.checkPrivateKey(opened)) throw invalidField('auth.key', 'must be the key of the certificate');
  if (Date.parse(shown.validTo) <= Date.now()) throw invalidField('auth.certificate', `ended on ${shown.validTo}`);
  if (authorities !== undefined && !certificateIn(authorities))
    throw invalidField('auth.authorities', 'must be certificates in PEM');
}

const keyIn = (pem: string) => attempt(() => createPrivateKey(pem));
const certificateIn = (pem: string) => attempt(() => new X509Certificate(pem));

/** What Node.js says of a key that it cannot read is nobody's business. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Fails `request.invalid` for what the provider's record does not allow. */
export function checkTerms(terms: Pick<Connection, 'provider' | 'baseUrls' | 'flavour' | 'settings'>): void {
  const { provider, baseUrls, flavour, settings } = terms;
  const record = PROVIDERS[provider];
  const wrong = baseUrls.findIndex((url) => !record.schemes.includes(new URL(url).protocol));
  if (wrong >= 0) throw invalidField(`baseUrls[${wrong}]`, `must begin with ${record.schemes.join(' or ')}`);
  if (baseUrls.length === 0 && record.baseUrl === undefined) throw invalidField('baseUrls', `is needed by ${provider}`);
  const flavours = record.flavours ?? [];
  if (flavour !== null && !flavours.includes(flavour))
    throw invalidField(
      'flavour',
      flavours.length > 0 ? `must be one of ${flavours.join(', ')}` : `is none of ${provider}`,
    );
  for (const [name, need] of Object.entries(record.settings))
    if (need === 'needed' && settings[name] === undefined)
      throw invalidField(`settings.${name}`, `is needed by ${provider}`);
  const known = Object.keys(record.settings);
  const unknown = Object.keys(settings).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw invalidField(
      `settings.${unknown}`,
      known.length > 0 ? `must be one of ${known.join(', ')}` : `is none of ${provider}`,
    );
}
