import { type JsonSchema, object, oneOfTexts, ref, text } from './json-schema.js';

const secret = object({ use: text('A secret in use.secrets that holds the fields.', { minLength: 1 }) }, ['use']);
const policy = (kind: string, ...ways: JsonSchema[]) => object({ [kind]: { oneOf: [...ways, secret] } }, [kind]);
const login = object({ username: text(), password: text() }, ['username', 'password']);
const token = object({ token: text(), type: text() }, ['token', 'type']);

const grant = {
  authority: ref('uri', 'Where the authority is.'),
  grant: oneOfTexts([
    'authorization_code',
    'client_credentials',
    'password',
    'refresh_token',
    'urn:ietf:params:oauth:grant-type:token-exchange',
  ]),
  client: object({
    id: text(),
    secret: text(),
    assertion: text(),
    authentication: oneOfTexts([
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
      'private_key_jwt',
      'none',
    ]),
  }),
  request: object({ encoding: oneOfTexts(['application/x-www-form-urlencoded', 'application/json']) }),
  issuers: ref('texts'),
  scopes: ref('texts'),
  audiences: ref('texts'),
  username: text(),
  password: text(),
  subject: token,
  actor: token,
};
const endpoints = object({ token: ref('uriPart'), revocation: ref('uriPart'), introspection: ref('uriPart') });

const policies = [
  policy('basic', login),
  policy('bearer', object({ token: text() }, ['token'])),
  policy('digest', login),
  policy('oauth2', object({ ...grant, endpoints }, ['authority', 'grant'])),
  policy('oidc', object(grant, ['authority', 'grant'])),
];

export const AUTHENTICATION_SCHEMAS: { readonly [name: string]: JsonSchema } = {
  authentication: { oneOf: policies },
  authenticationUse: {
    oneOf: [
      object({ use: text('The name of a policy in use.authentications.', { minLength: 1 }) }, ['use']),
      ...policies,
    ],
  },
};
